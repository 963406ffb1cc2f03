//! One connector works. The lock is a key in Redis with the holder's token; who cannot renew it in time no longer
//! works, and without Redis nobody does.

use std::time::{Duration, Instant};

use connections::Redis;
use redis::RedisError;
use tokio::time::timeout;

/// Only if it is ours: it lasts anew from now.
const RENEW: &str = "\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])";

/// Only if it is ours.
const RELEASE: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1";

/// The lock, held or not.
pub(crate) struct Leader {
    redis: Redis,
    key: String,
    token: String,
    lasts: Duration,
    /// When what was surely ours began to last.
    since: Instant,
}

/// How a renewal went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// It lasts anew.
    Held,
    /// Redis did not answer; it still lasts for a while.
    Unknown,
    /// It is another's, or it has run out.
    Lost,
}

impl Leader {
    pub(crate) fn new(redis: Redis, key: String, lasts: Duration) -> Self {
        Self {
            redis,
            key,
            token: format!("{:032x}", rand::random::<u128>()),
            lasts,
            since: Instant::now(),
        }
    }

    /// Takes the lock if nobody has it.
    pub(crate) async fn take(&mut self) -> Result<bool, RedisError> {
        let since = Instant::now();
        let taken: Option<String> = redis::cmd("SET")
            .arg(&self.key)
            .arg(&self.token)
            .arg("NX")
            .arg("PX")
            .arg(millis(self.lasts))
            .query_async(&mut self.redis)
            .await?;
        self.since = since;
        Ok(taken.is_some())
    }

    /// Makes it last anew. A holder that hears nothing from Redis counts as having lost it well before it runs out.
    pub(crate) async fn renew(&mut self) -> Renewal {
        let began = Instant::now();
        let mut renew = redis::cmd("EVAL");
        renew.arg(RENEW).arg(1).arg(&self.key).arg(&self.token);
        renew.arg(millis(self.lasts));
        // A Redis that hangs must not be waited for longer than the lock lasts.
        let asked = renew.query_async::<u8>(&mut self.redis);
        match timeout(self.lasts / 5, asked).await {
            Ok(Ok(1)) => {
                self.since = began;
                Renewal::Held
            }
            Ok(Ok(_)) => Renewal::Lost,
            Ok(Err(_)) | Err(_) if self.since.elapsed() < self.lasts * 2 / 3 => Renewal::Unknown,
            Ok(Err(_)) | Err(_) => Renewal::Lost,
        }
    }

    /// Between two renewals.
    pub(crate) fn pause(&self) -> Duration {
        self.lasts / 5
    }

    /// Lets go of it, so that the next one need not wait.
    pub(crate) async fn release(&mut self) {
        let released: Result<u8, RedisError> = redis::cmd("EVAL")
            .arg(RELEASE)
            .arg(1)
            .arg(&self.key)
            .arg(&self.token)
            .query_async(&mut self.redis)
            .await;
        if let Err(error) = released {
            tracing::debug!(%error, "the lock runs out by itself");
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
