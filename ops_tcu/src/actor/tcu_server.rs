//! TcuServer: one worker, owner of its share of the piles. Feeds them messages, gives the log what
//! comes out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix::prelude::SendError;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, ResponseActFuture, WrapFuture,
};
use metrics::{Gauge, Histogram, gauge, histogram};
use tracing::error;
use wal::{Batch, Writer};

use super::RedisPxyer;
use crate::commit::Receipt;
use crate::fleet::Shard;
use crate::message::{
    Acks, AssetChange, MsgActiveMsg, MsgCommandsInit, MsgConfirmAllLogin, MsgConfirmThisLogin,
    MsgDeviceStatusInit, MsgPxyCmd, MsgRedisHset, MsgRedisPasswords, MsgTcuLoopQuery, MsgWarnNames,
    StopWorker,
};

/// Batches that may wait for this worker.
const MAILBOX: usize = 64;
/// States handed to Redis at once; the others wait for the next tick.
const STATES: usize = 50_000;

/// How often it is looked whether the pace lets waiting commands go.
const STEP: Duration = Duration::from_millis(50);

const HALF_A_TICK: Duration = Duration::from_millis(500);

/// What a worker is made of.
pub struct TcuServerParts {
    /// Its piles.
    pub shard: Shard,
    /// Where rows become durable.
    pub log: Writer<Receipt>,
    /// Who keeps the latest states.
    pub redis: Addr<RedisPxyer>,
    /// Whether Redis takes states at the moment.
    pub redis_up: Arc<AtomicBool>,
    /// How often changed states are handed over, to the second.
    pub state_interval: Duration,
    /// Its number.
    pub number: usize,
}

/// See the module.
pub struct TcuServer {
    parts: TcuServerParts,
    handled: Histogram,
    sessions: Gauge,
    online: Gauge,
    log_queue: Gauge,
    states_written: Instant,
}

impl TcuServer {
    /// Ready to work.
    pub fn new(parts: TcuServerParts) -> Self {
        let number = parts.number.to_string();
        Self {
            handled: histogram!("ops_tcu_batch_seconds"),
            log_queue: gauge!("ops_tcu_log_queue"),
            states_written: Instant::now(),
            sessions: gauge!("ops_tcu_sessions", "shard" => number.clone()),
            online: gauge!("ops_tcu_online", "shard" => number),
            parts,
        }
    }

    /// Seals what the shard has put out.
    fn seal(&mut self, acks: Acks) -> Batch<Receipt> {
        let out = self.parts.shard.output();
        let frames = out.take_frames();
        let (replies, outcomes) = (
            std::mem::take(&mut out.replies),
            std::mem::take(&mut out.outcomes),
        );
        Batch {
            frames,
            receipt: Receipt {
                acks,
                replies,
                outcomes,
                taken: Instant::now(),
            },
        }
    }

    /// Gives the log what the shard has put out. Where the log's queue is full this mailbox rests, and
    /// so, one by one, do those before it, up to the broker's window.
    fn commit(&mut self, acks: Acks, ctx: &mut Context<Self>) {
        let passwords = std::mem::take(&mut self.parts.shard.output().passwords);
        if !passwords.is_empty()
            && let Err(SendError::Full(MsgRedisPasswords(back))) =
                self.parts.redis.try_send(MsgRedisPasswords(passwords))
        {
            // States fill the mailbox: with the next batch, or the next tick.
            self.parts.shard.output().passwords = back;
        }
        let batch = self.seal(acks);
        if let Err(wal::Closed(batch)) = self.parts.log.try_submit(batch) {
            let log = self.parts.log.clone();
            ctx.wait(submit(log, batch).into_actor(self));
        }
    }

    fn write_states(&mut self) {
        if !self.parts.redis_up.load(Ordering::Relaxed) {
            return;
        }
        let states = self.parts.shard.changed_states(STATES);
        if !states.is_empty() && self.parts.redis.try_send(MsgRedisHset(states)).is_err() {
            // These are dropped: each pile's next change writes its whole state, one that stays silent
            // keeps an old one in Redis until then.
            self.parts.redis_up.store(false, Ordering::Relaxed);
        }
    }
}

async fn submit(log: Writer<Receipt>, batch: Batch<Receipt>) {
    if log.submit(batch).await.is_err() {
        error!("the log is gone; what it did not take is not acknowledged");
    }
}

/// The present in Unix ms.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as i64)
}

impl Actor for TcuServer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(STEP, |actor, ctx| {
            if actor.parts.shard.has_line() {
                actor.parts.shard.send_in_turn(now());
                actor.commit(Acks::default(), ctx);
            }
        });
    }
}

impl Handler<MsgActiveMsg> for TcuServer {
    type Result = ();

    fn handle(&mut self, batch: MsgActiveMsg, ctx: &mut Context<Self>) {
        let started = Instant::now();
        self.parts.shard.take(&batch.items, batch.acks.link, now());
        self.handled.record(started.elapsed());
        self.commit(batch.acks, ctx);
    }
}

impl Handler<MsgPxyCmd> for TcuServer {
    type Result = ();

    fn handle(&mut self, command: MsgPxyCmd, ctx: &mut Context<Self>) {
        self.parts.shard.proxied(
            command.uuid,
            command.acks.link,
            &command.payload,
            command.again,
            now(),
        );
        self.commit(command.acks, ctx);
    }
}

impl Handler<MsgConfirmAllLogin> for TcuServer {
    type Result = ();

    fn handle(&mut self, MsgConfirmAllLogin(assets): MsgConfirmAllLogin, _: &mut Context<Self>) {
        self.parts.shard.reserve(assets.len());
        let now = now();
        assets
            .iter()
            .for_each(|asset| self.parts.shard.confirm(asset, now));
    }
}

impl Handler<MsgConfirmThisLogin> for TcuServer {
    type Result = ();

    fn handle(&mut self, MsgConfirmThisLogin(changes): MsgConfirmThisLogin, _: &mut Context<Self>) {
        let now = now();
        // What this puts out the next tick gives to the log.
        for change in changes {
            match change {
                AssetChange::Stands(asset) => self.parts.shard.confirm(&asset, now),
                AssetChange::Gone(asset) => self.parts.shard.forget(&asset, now),
            }
        }
    }
}

impl Handler<MsgDeviceStatusInit> for TcuServer {
    type Result = ();

    fn handle(&mut self, MsgDeviceStatusInit(states): MsgDeviceStatusInit, _: &mut Context<Self>) {
        states
            .iter()
            .for_each(|(uuid, json)| self.parts.shard.restore(*uuid, json));
    }
}

impl Handler<MsgCommandsInit> for TcuServer {
    type Result = ();

    fn handle(&mut self, MsgCommandsInit(commands): MsgCommandsInit, ctx: &mut Context<Self>) {
        let now = now();
        commands
            .iter()
            .for_each(|command| self.parts.shard.restore_command(command, now));
        // Some may have ended by being looked at.
        self.commit(Acks::default(), ctx);
    }
}

impl Handler<MsgTcuLoopQuery> for TcuServer {
    type Result = ();

    fn handle(&mut self, _: MsgTcuLoopQuery, ctx: &mut Context<Self>) {
        self.parts.shard.tick(now());
        let (sessions, online) = self.parts.shard.census();
        self.sessions.set(sessions as f64);
        self.online.set(online as f64);
        self.log_queue.set(self.parts.log.queued() as f64);
        if !self.parts.shard.output().is_empty() {
            self.commit(Acks::default(), ctx);
        }
        // Ticks come a second apart, more or less.
        if self.states_written.elapsed() + HALF_A_TICK >= self.parts.state_interval {
            self.states_written = Instant::now();
            self.write_states();
        }
    }
}

impl Handler<MsgWarnNames> for TcuServer {
    type Result = ();

    fn handle(&mut self, MsgWarnNames(names): MsgWarnNames, _: &mut Context<Self>) {
        self.parts.shard.core().warn_names = names;
    }
}

impl Handler<StopWorker> for TcuServer {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: StopWorker, _: &mut Context<Self>) -> ResponseActFuture<Self, ()> {
        self.parts.shard.finish(now());
        self.write_states();
        let last = self.seal(Acks::default());
        // The actor's end drops its hold on the log, which ends when nobody holds it.
        Box::pin(
            submit(self.parts.log.clone(), last)
                .into_actor(self)
                .map(|(), _, ctx| ctx.stop()),
        )
    }
}
