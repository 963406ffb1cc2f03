//! RedisPxyer: writes the latest states, in pipelines, and keeps the passwords of open commands. Telemetry goes on
//! without Redis.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use metrics::{counter, histogram};
use redis::aio::ConnectionManager;
use redis::{Pipeline, RedisError};
use tracing::{info, warn};

use crate::message::{KeptPassword, MsgRedisHset, MsgRedisPasswords, StateEntry};

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
    /// Passwords that are yet to be written or to be forgotten, by their key.
    passwords: HashMap<String, KeptPassword>,
}

/// Passwords that wait for a Redis that is away; without theirs, commands that have not left end at a restart.
const PASSWORDS: usize = 10_000;

impl RedisPxyer {
    /// Over a connection that reconnects by itself; `up` tells the workers whether states are taken.
    pub fn new(connection: ConnectionManager, up: Arc<AtomicBool>) -> Self {
        Self {
            connection,
            up,
            owed: HashMap::new(),
            passwords: HashMap::new(),
        }
    }

    fn written(
        &mut self,
        result: Result<(), RedisError>,
        states: Vec<StateEntry>,
        passwords: HashMap<String, KeptPassword>,
    ) {
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
                for (key, password) in passwords {
                    if self.passwords.len() < PASSWORDS {
                        self.passwords.entry(key).or_insert(password);
                    }
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
        let passwords = std::mem::take(&mut self.passwords);
        let mut connection = self.connection.clone();
        let writing = async move {
            let started = std::time::Instant::now();
            let result = match write_all(&mut connection, &states).await {
                Ok(()) => write_passwords(&mut connection, passwords.values()).await,
                Err(error) => Err(error),
            };
            histogram!("ops_tcu_redis_seconds").record(started.elapsed());
            (result, states, passwords)
        };
        let written = writing.into_actor(self);
        ctx.wait(
            written.map(|(result, states, passwords), actor, _| actor.written(result, states, passwords)),
        );
    }
}

impl Handler<MsgRedisHset> for RedisPxyer {
    type Result = ();

    fn handle(&mut self, MsgRedisHset(states): MsgRedisHset, ctx: &mut Context<Self>) {
        self.write(states, ctx);
    }
}

impl Handler<MsgRedisPasswords> for RedisPxyer {
    type Result = ();

    fn handle(&mut self, MsgRedisPasswords(passwords): MsgRedisPasswords, ctx: &mut Context<Self>) {
        for password in passwords {
            self.passwords.insert(password.key.clone(), password);
        }
        self.write(Vec::new(), ctx);
    }
}

async fn write_passwords(
    connection: &mut ConnectionManager,
    passwords: impl Iterator<Item = &KeptPassword>,
) -> Result<(), RedisError> {
    let mut pipeline = Pipeline::new();
    for kept in passwords {
        match &kept.password {
            Some(password) => pipeline
                .cmd("SET")
                .arg(&kept.key)
                .arg(password.reveal())
                .arg("PXAT")
                .arg(kept.until)
                .ignore(),
            None => pipeline.del(&kept.key).ignore(),
        };
    }
    if pipeline.is_empty() {
        return Ok(());
    }
    pipeline.query_async::<()>(connection).await
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
