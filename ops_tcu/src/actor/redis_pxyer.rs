//! RedisPxyer: writes the latest states, in pipelines. Telemetry goes on without Redis.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use metrics::{counter, histogram};
use redis::aio::ConnectionManager;
use redis::{Pipeline, RedisError};
use tracing::{info, warn};

use crate::message::{MsgRedisHset, StateEntry};

/// Batches that may wait.
const MAILBOX: usize = 16;
/// States in one pipeline.
const PIPELINE: usize = 2_000;

/// See the module.
pub struct RedisPxyer {
    connection: ConnectionManager,
    up: Arc<AtomicBool>,
    /// The latest state of each pile that could not be written: written again with the next ones.
    /// Bounded by the fleet.
    owed: HashMap<String, (String, Option<String>)>,
}

impl RedisPxyer {
    /// Over a connection that reconnects by itself; `up` tells the workers whether states are taken.
    pub fn new(connection: ConnectionManager, up: Arc<AtomicBool>) -> Self {
        Self {
            connection,
            up,
            owed: HashMap::new(),
        }
    }

    fn written(&mut self, result: Result<(), RedisError>, states: Vec<StateEntry>) {
        match result {
            Ok(()) => {
                counter!("ops_tcu_states_written_total").increment(states.len() as u64);
                if !self.up.swap(true, Ordering::Relaxed) {
                    info!("Redis takes states again");
                }
            }
            Err(error) => {
                if self.up.swap(false, Ordering::Relaxed) {
                    warn!(%error, "Redis does not take states; telemetry goes on");
                }
                for (key, uuid, json) in states {
                    self.owed.insert(uuid, (key, json));
                }
            }
        }
    }
}

impl Actor for RedisPxyer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        // While Redis is away the workers hold their states back; this finds out when it returns.
        ctx.run_interval(std::time::Duration::from_secs(1), |actor, ctx| {
            if !actor.up.load(Ordering::Relaxed) {
                actor.write(Vec::new(), ctx);
            }
        });
    }
}

impl RedisPxyer {
    fn write(&mut self, new: Vec<StateEntry>, ctx: &mut Context<Self>) {
        let mut states = new;
        if !self.owed.is_empty() {
            states
                .iter()
                .for_each(|(_, uuid, _)| drop(self.owed.remove(uuid)));
            states.extend(self.owed.drain().map(|(uuid, (key, json))| (key, uuid, json)));
        }
        let mut connection = self.connection.clone();
        let writing = async move {
            let started = std::time::Instant::now();
            let result = write_all(&mut connection, &states).await;
            histogram!("ops_tcu_redis_seconds").record(started.elapsed());
            (result, states)
        };
        ctx.wait(
            writing
                .into_actor(self)
                .map(|(result, states), actor, _| actor.written(result, states)),
        );
    }
}

impl Handler<MsgRedisHset> for RedisPxyer {
    type Result = ();

    fn handle(&mut self, MsgRedisHset(states): MsgRedisHset, ctx: &mut Context<Self>) {
        self.write(states, ctx);
    }
}

async fn write_all(connection: &mut ConnectionManager, states: &[StateEntry]) -> Result<(), RedisError> {
    if states.is_empty() {
        return redis::cmd("PING").query_async::<()>(connection).await;
    }
    for part in states.chunks(PIPELINE) {
        let mut pipeline = Pipeline::with_capacity(part.len());
        for (key, uuid, json) in part {
            match json {
                Some(json) => pipeline.hset(key, uuid, json).ignore(),
                None => pipeline.hdel(key, uuid).ignore(),
            };
        }
        pipeline.query_async::<()>(connection).await?;
    }
    Ok(())
}
