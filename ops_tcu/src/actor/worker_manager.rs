//! WorkerManager: knows the workers, brings each batch to its owner, and stops them in order.

use actix::prelude::SendError;
use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, ResponseFuture, WrapFuture,
};
use futures_util::future::join_all;
use protocol::Uuid;

use super::TcuServer;
use crate::intake::shard_of;
use crate::message::{
    AssetChange, MsgActiveMsg, MsgCommandsInit, MsgConfirmAllLogin, MsgConfirmThisLogin, MsgDeviceStatusInit,
    MsgPxyCmd, MsgTcuLoopQuery, MsgWarnNames, StopWorker, ToShard,
};

/// Batches that may wait here before the intake holds them back.
const MAILBOX: usize = 64;

/// See the module.
pub struct WorkerManager {
    workers: Vec<Addr<TcuServer>>,
}

impl WorkerManager {
    /// Over these workers; their order decides who owns which pile.
    pub fn new(workers: Vec<Addr<TcuServer>>) -> Self {
        Self { workers }
    }

    /// Hands on; where the worker has no room, this mailbox rests until it has, so that what waits is
    /// bounded and in order.
    fn hand_on<M>(&mut self, shard: usize, message: M, ctx: &mut Context<Self>)
    where
        M: Message<Result = ()> + Send + 'static,
        TcuServer: Handler<M>,
    {
        // Nobody is left once the service stops; what comes then is not acknowledged.
        let Some(worker) = self.workers.get(shard).cloned() else {
            return;
        };
        if let Err(SendError::Full(message)) = worker.try_send(message) {
            let rest = async move { worker.send(message).await }
                .into_actor(self)
                .map(|_, _, _| ());
            ctx.wait(rest);
        }
    }

    fn by_shard<T>(&self, items: Vec<T>, uuid: impl Fn(&T) -> Uuid) -> Vec<Vec<T>> {
        let mut sorted: Vec<Vec<T>> = self.workers.iter().map(|_| Vec::new()).collect();
        for item in items {
            sorted[shard_of(uuid(&item), self.workers.len())].push(item);
        }
        sorted
    }
}

impl Actor for WorkerManager {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<MsgActiveMsg> for WorkerManager {
    type Result = ();

    fn handle(&mut self, batch: MsgActiveMsg, ctx: &mut Context<Self>) {
        self.hand_on(batch.shard, batch, ctx);
    }
}

impl Handler<ToShard<MsgPxyCmd>> for WorkerManager {
    type Result = ();

    fn handle(&mut self, to: ToShard<MsgPxyCmd>, ctx: &mut Context<Self>) {
        self.hand_on(to.shard, to.message, ctx);
    }
}

impl Handler<MsgConfirmAllLogin> for WorkerManager {
    type Result = ResponseFuture<()>;

    fn handle(
        &mut self,
        MsgConfirmAllLogin(assets): MsgConfirmAllLogin,
        _: &mut Context<Self>,
    ) -> ResponseFuture<()> {
        let sorted = self.by_shard(assets, |asset| asset.uuid);
        let sent: Vec<_> = self
            .workers
            .iter()
            .zip(sorted)
            .map(|(w, part)| w.send(MsgConfirmAllLogin(part)))
            .collect();
        Box::pin(async move { drop(join_all(sent).await) })
    }
}

impl Handler<MsgDeviceStatusInit> for WorkerManager {
    type Result = ResponseFuture<()>;

    fn handle(
        &mut self,
        MsgDeviceStatusInit(states): MsgDeviceStatusInit,
        _: &mut Context<Self>,
    ) -> ResponseFuture<()> {
        let sorted = self.by_shard(states, |(uuid, _)| *uuid);
        let sent: Vec<_> = self
            .workers
            .iter()
            .zip(sorted)
            .map(|(w, part)| w.send(MsgDeviceStatusInit(part)))
            .collect();
        Box::pin(async move { drop(join_all(sent).await) })
    }
}

impl Handler<MsgCommandsInit> for WorkerManager {
    type Result = ResponseFuture<()>;

    fn handle(
        &mut self,
        MsgCommandsInit(commands): MsgCommandsInit,
        _: &mut Context<Self>,
    ) -> ResponseFuture<()> {
        // What belongs to no pile any more is anybody's.
        let anybody = Uuid::from_counter(0).expect("zero is a uuid's counter");
        let sorted = self.by_shard(commands, |command| command.uuid.unwrap_or(anybody));
        let sent: Vec<_> = self
            .workers
            .iter()
            .zip(sorted)
            .filter(|(_, part)| !part.is_empty())
            .map(|(w, part)| w.send(MsgCommandsInit(part)))
            .collect();
        Box::pin(async move { drop(join_all(sent).await) })
    }
}

impl Handler<MsgConfirmThisLogin> for WorkerManager {
    type Result = ResponseFuture<()>;

    fn handle(
        &mut self,
        MsgConfirmThisLogin(changes): MsgConfirmThisLogin,
        _: &mut Context<Self>,
    ) -> ResponseFuture<()> {
        let sorted = self.by_shard(changes, |change| match change {
            AssetChange::Stands(asset) | AssetChange::Gone(asset) => asset.uuid,
        });
        let sent: Vec<_> = self
            .workers
            .iter()
            .zip(sorted)
            .filter(|(_, part)| !part.is_empty())
            .map(|(w, part)| w.send(MsgConfirmThisLogin(part)))
            .collect();
        Box::pin(async move { drop(join_all(sent).await) })
    }
}

impl Handler<MsgTcuLoopQuery> for WorkerManager {
    type Result = ();

    fn handle(&mut self, tick: MsgTcuLoopQuery, _: &mut Context<Self>) {
        for worker in &self.workers {
            // A worker with a full mailbox is busy; it looks at its piles a second later.
            let _ = worker.try_send(tick);
        }
    }
}

impl Handler<MsgWarnNames> for WorkerManager {
    type Result = ();

    fn handle(&mut self, names: MsgWarnNames, _: &mut Context<Self>) {
        for worker in &self.workers {
            // A busy worker gets them with the next refresh.
            let _ = worker.try_send(names.clone());
        }
    }
}

impl Handler<StopWorker> for WorkerManager {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, stop: StopWorker, _: &mut Context<Self>) -> ResponseFuture<()> {
        let workers = std::mem::take(&mut self.workers);
        Box::pin(async move {
            let stopping: Vec<_> = workers.iter().map(|w| w.send(stop)).collect();
            drop(join_all(stopping).await);
        })
    }
}
