//! The orderly stop, stage by stage.

use actix::Addr;
use common::shutdown::Shutdown;
use tokio::sync::oneshot;

use crate::actor::{DbInserter, MqttClienter, WhenDrained, WorkerManager};
use crate::message::{MsgRespMsg, StopWorker};
use crate::mqtt::Handle;

/// Who has to stop.
pub(super) struct Stopping {
    pub(super) stop_intake: Shutdown,
    pub(super) stop_outlet: Shutdown,
    pub(super) workers: Addr<WorkerManager>,
    pub(super) log_thread: std::thread::JoinHandle<()>,
    pub(super) clienter: Addr<MqttClienter>,
    pub(super) pollers: Vec<oneshot::Receiver<()>>,
    pub(super) inserter: Addr<DbInserter>,
    pub(super) links: Vec<(Handle, Handle)>,
}

/// Each stage ends before the next is told, so that nothing is handed to somebody who has gone.
pub(super) async fn stop(parts: Stopping) {
    parts.stop_intake.trigger();
    // What the intake flushes at its end lies in the mailbox before this.
    let _ = parts.workers.send(StopWorker).await;
    // The last worker's end is the log's: it writes, syncs, tells and closes its segment.
    let _ = tokio::task::spawn_blocking(move || parts.log_thread.join()).await;
    // What the log let go last lies in the mailbox before this.
    let _ = parts.clienter.send(MsgRespMsg(Vec::new())).await;
    parts.stop_outlet.trigger();
    for (_, outgoing) in &parts.links {
        // Behind the last replies in the queue.
        let _ = outgoing.disconnect();
    }
    for poller in parts.pollers {
        let _ = poller.await;
    }
    let (asked, drained) = oneshot::channel();
    if parts.inserter.try_send(WhenDrained(asked)).is_ok() {
        let _ = drained.await;
    }
}
