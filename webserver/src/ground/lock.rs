//! Locks in Redis, so that two web servers do not change one thing at once.
//!
//! Redis may forget a lock, so who is about to write asks whether it is still held ([`Locks::still_held`]).

use std::time::Duration;

use redis::aio::ConnectionManager;
use tokio::time::{Instant, sleep};

use super::{Ground, error::ApiError};

/// How long a lock lasts if nobody releases it: above the longest time a change takes.
const LASTS: Duration = Duration::from_secs(60);
/// How long a change waits for others.
const WAIT: Duration = Duration::from_secs(15);
/// Between two attempts, at most; drawn anew each time.
const PAUSE_MS: u64 = 40;

/// All of them or none.
const TAKE: &str = "\
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then return 0 end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return 1";

/// Only if all are ours: they last anew from now.
const HOLD: &str = "\
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return 1";

/// Only those that are ours: never one that has run out and is another's by now.
const RELEASE: &str = "\
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return 1";

/// Taken locks; released when dropped, but better by [`Locks::release`], which waits for it.
pub(crate) struct Locks {
    redis: ConnectionManager,
    keys: Vec<String>,
    token: String,
}

impl Locks {
    /// Takes all of `what` (`table:key` by convention), waiting for whoever has one of them.
    ///
    /// # Errors
    /// 409 when that takes too long, 503 without Redis.
    pub(crate) async fn take(ground: &Ground, what: &[String]) -> Result<Self, ApiError> {
        let mut locks = Self {
            redis: ground.redis.clone(),
            keys: what.iter().map(|what| ground.keys.web_lock(what)).collect(),
            token: format!("{:032x}", rand::random::<u128>()),
        };
        locks.keys.sort();
        locks.keys.dedup();
        let deadline = Instant::now() + WAIT;
        while !locks.keys.is_empty() && !locks.attempt().await? {
            if Instant::now() > deadline {
                // Nothing is held: nothing to release.
                locks.keys.clear();
                return Err(ApiError::conflict(
                    "正在被他人修改，请稍后重试",
                    "Somebody else is changing this, try again later",
                ));
            }
            sleep(Duration::from_millis(rand::random_range(1..PAUSE_MS))).await;
        }
        Ok(locks)
    }

    async fn attempt(&mut self) -> Result<bool, ApiError> {
        let taken: u8 = redis::cmd("EVAL")
            .arg(TAKE)
            .arg(self.keys.len())
            .arg(&self.keys)
            .arg(&self.token)
            .arg(LASTS.as_millis() as u64)
            .query_async(&mut self.redis)
            .await?;
        Ok(taken == 1)
    }

    /// Whether all are still held: none run out, none forgotten by a Redis that lost its data. If so they last
    /// anew, long enough for what is to be written now.
    pub(crate) async fn still_held(&self) -> Result<bool, ApiError> {
        if self.keys.is_empty() {
            return Ok(true);
        }
        let held: u8 = redis::cmd("EVAL")
            .arg(HOLD)
            .arg(self.keys.len())
            .arg(&self.keys)
            .arg(&self.token)
            .arg(LASTS.as_millis() as u64)
            .query_async(&mut self.redis.clone())
            .await?;
        Ok(held == 1)
    }

    /// Releases them. A failure only means that they last until they run out.
    pub(crate) async fn release(mut self) {
        let keys = std::mem::take(&mut self.keys);
        release(&mut self.redis, keys, &self.token).await;
    }
}

/// For a change that gives up, or whose caller has gone.
impl Drop for Locks {
    fn drop(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        let (false, Ok(runtime)) = (keys.is_empty(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (mut redis, token) = (self.redis.clone(), std::mem::take(&mut self.token));
        runtime.spawn(async move { release(&mut redis, keys, &token).await });
    }
}

async fn release(redis: &mut ConnectionManager, keys: Vec<String>, token: &str) {
    if keys.is_empty() {
        return;
    }
    let released: redis::RedisResult<u8> = redis::cmd("EVAL")
        .arg(RELEASE)
        .arg(keys.len())
        .arg(&keys)
        .arg(token)
        .query_async(redis)
        .await;
    if let Err(error) = released {
        tracing::debug!(%error, "locks were not released; they run out by themselves");
    }
}
