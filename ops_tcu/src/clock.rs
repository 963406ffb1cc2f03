//! What the service does by the clock: a tick a second, and a look at what staff have changed.

use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use metrics::gauge;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use wal::Gauge;

use crate::actor::{DbInserter, WorkerManager};
use crate::message::{MsgConfirmThisLogin, MsgGetAllCompany, MsgTcuLoopQuery};

const SECOND: Duration = Duration::from_secs(1);

/// Ticks once a second.
pub(crate) async fn tick(workers: Addr<WorkerManager>, backlog: Arc<Gauge>) {
    let mut second = interval_at(Instant::now(), SECOND);
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        second.tick().await;
        gauge!("ops_tcu_wal_backlog_bytes").set(backlog.bytes() as f64);
        let _ = workers.try_send(MsgTcuLoopQuery);
    }
}

/// Asks every so often for assets with a version above `version`. Apart from the ticks: a database that hangs
/// must not keep deadlines, states and polls waiting.
pub(crate) async fn refresh(
    workers: Addr<WorkerManager>,
    inserter: Addr<DbInserter>,
    every: Duration,
    patience: Duration,
    mut version: i64,
) {
    let every = every.max(SECOND);
    let mut due = interval_at(Instant::now() + every, every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        let asked = inserter.send(MsgGetAllCompany { since: version });
        // While the database is away the fleet stays as it is known.
        let Ok(Ok(Ok(changed))) = timeout(patience, asked).await else {
            continue;
        };
        for asset in changed {
            version = version.max(asset.version);
            let _ = workers.send(MsgConfirmThisLogin(asset)).await;
        }
    }
}
