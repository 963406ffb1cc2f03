//! Start, clock and stop.

use std::sync::Arc;

use actix::Message;

use crate::fleet::WarnNames;

/// Start taking messages in: the sessions are there.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgEventLoopStart;

/// One tick: look for what is due (component polls, deadlines, storms, silence, traffic counts).
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct MsgTcuLoopQuery;

/// What warnings mean, as staff have defined it by now.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct MsgWarnNames(pub Arc<WarnNames>);

/// Hand over what is still held and stop; answered when all of it is in the log's queue.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct StopWorker;

/// Something for one worker, by way of the WorkerManager.
#[derive(Debug)]
pub struct ToShard<M> {
    /// The worker.
    pub shard: usize,
    /// What it is to get.
    pub message: M,
}

impl<M: Message> Message for ToShard<M> {
    type Result = ();
}
