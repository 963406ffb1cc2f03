//! Locks on serial numbers, so that two processes do not work on one TCU at once.
//!
//! A lock is a courtesy and a fence: Redis may forget it, so who has written under it asks whether it still holds
//! ([`Locks::still_held`]) before anybody is told.

use std::collections::HashSet;

use redis::aio::ConnectionManager;
use redis::{Pipeline, RedisError};
use store::redis_keys::RedisKeys;
use tracing::debug;

use super::{Ledger, LedgerError};
use crate::model::Serial;

/// Deletes the keys that hold ARGV[1]: never a lock that has run out and is another's by now.
const RELEASE: &str = "\
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return true";

/// The locks that were got; released when dropped, but better by [`Locks::release`], which waits for it.
pub struct Locks {
    redis: ConnectionManager,
    keys: RedisKeys,
    token: String,
    held: HashSet<Serial>,
}

impl Ledger {
    /// Locks each serial number that nobody else has locked; never waits for one.
    ///
    /// # Errors
    /// [`LedgerError::Redis`]; nothing is locked then for longer than a lock lasts.
    pub async fn lock(&self, sns: &[&Serial]) -> Result<Locks, LedgerError> {
        let mut locks = Locks {
            redis: self.redis.clone(),
            keys: self.keys.clone(),
            token: format!("{:032x}", rand::random::<u128>()),
            // All of them until it is known which: if the answer is lost, the drop releases them.
            held: sns.iter().map(|sn| (*sn).clone()).collect(),
        };
        if sns.is_empty() {
            return Ok(locks);
        }
        let mut pipeline = Pipeline::with_capacity(sns.len());
        for sn in sns {
            pipeline
                .cmd("SET")
                .arg(locks.key(sn))
                .arg(&locks.token)
                .arg("NX")
                .arg("PX")
                .arg(self.lock_for.as_millis() as u64);
        }
        let got: Vec<Option<String>> = pipeline.query_async(&mut locks.redis).await?;
        let got = sns.iter().zip(got).filter(|(_, answer)| answer.is_some());
        locks.held = got.map(|(sn, _)| (*sn).clone()).collect();
        Ok(locks)
    }
}

impl Locks {
    /// Whether this serial number was locked by the call.
    pub fn has(&self, sn: &Serial) -> bool {
        self.held.contains(sn)
    }

    /// Those that are still held: not run out, and not forgotten by a Redis that lost its data.
    ///
    /// # Errors
    /// [`LedgerError::Redis`].
    pub async fn still_held(&self) -> Result<HashSet<Serial>, LedgerError> {
        if self.held.is_empty() {
            return Ok(HashSet::new());
        }
        let mut pipeline = Pipeline::with_capacity(self.held.len());
        for sn in &self.held {
            pipeline.cmd("GET").arg(self.key(sn));
        }
        let holders: Vec<Option<String>> = pipeline.query_async(&mut self.redis.clone()).await?;
        let mine = self.held.iter().zip(holders);
        let mine = mine.filter(|(_, holder)| holder.as_ref() == Some(&self.token));
        Ok(mine.map(|(sn, _)| sn.clone()).collect())
    }

    /// Releases them. A failure only means that they last until they run out.
    pub async fn release(mut self) {
        let held = std::mem::take(&mut self.held);
        let keys: Vec<String> = held.iter().map(|sn| self.key(sn)).collect();
        report(release(&mut self.redis, keys, &self.token).await);
    }

    fn key(&self, sn: &Serial) -> String {
        self.keys.registration_lock(sn.as_str())
    }
}

/// For a caller that gives up on an error, or whose task is dropped.
impl Drop for Locks {
    fn drop(&mut self) {
        let (false, Ok(runtime)) = (self.held.is_empty(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let keys: Vec<String> = self.held.iter().map(|sn| self.key(sn)).collect();
        let (mut redis, token) = (self.redis.clone(), std::mem::take(&mut self.token));
        runtime.spawn(async move { report(release(&mut redis, keys, &token).await) });
    }
}

async fn release(redis: &mut ConnectionManager, keys: Vec<String>, token: &str) -> Result<(), RedisError> {
    if keys.is_empty() {
        return Ok(());
    }
    redis::cmd("EVAL")
        .arg(RELEASE)
        .arg(keys.len())
        .arg(&keys)
        .arg(token)
        .query_async(redis)
        .await
}

fn report(released: Result<(), RedisError>) {
    if let Err(error) = released {
        debug!(%error, "locks were not released; they run out by themselves");
    }
}
