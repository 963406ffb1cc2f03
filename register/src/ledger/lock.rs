//! Locks on serial numbers and assets, so that two processes do not work on one TCU or one asset at once.
//!
//! A lock is a courtesy and a fence: Redis may forget it, so who has written under it asks whether it still holds
//! ([`Locks::still_held`]) before anybody is told.

use std::collections::HashSet;
use std::hash::Hash;
use std::time::{Duration, Instant};

use protocol::Uuid;
use redis::aio::ConnectionManager;
use redis::{Pipeline, RedisError};
use store::redis_keys::RedisKeys;
use tokio::runtime::Handle;
use tracing::debug;

use super::{Ledger, LedgerError};
use crate::model::Serial;

/// Until a release that failed is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Deletes the keys that hold ARGV[1]: never a lock that has run out and is another's by now.
const RELEASE: &str = "\
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return true";

/// What is locked.
pub trait Locked: Clone + Eq + Hash {
    /// Under which key.
    fn key(&self, keys: &RedisKeys) -> String;
}

impl Locked for Serial {
    fn key(&self, keys: &RedisKeys) -> String {
        keys.registration_lock(self.as_str())
    }
}

/// What the web servers lock, too, before they change an asset.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OfAsset {
    /// The asset of this pile.
    Pile(u64),
    /// Whose name this is.
    Name(Uuid),
}

impl Locked for OfAsset {
    fn key(&self, keys: &RedisKeys) -> String {
        match self {
            Self::Pile(device_id) => keys.asset_lock(*device_id),
            Self::Name(uuid) => keys.asset_name_lock(&uuid.to_string()),
        }
    }
}

/// The locks that were got; released when dropped, but better by [`Locks::release`], which waits for it.
pub struct Locks<T: Locked = Serial> {
    redis: ConnectionManager,
    keys: RedisKeys,
    token: String,
    held: HashSet<T>,
    lock_for: Duration,
}

impl Ledger {
    /// Locks each of them that nobody else has locked; never waits for one.
    ///
    /// # Errors
    /// [`LedgerError::Redis`]; nothing is locked then for longer than a lock lasts.
    pub async fn lock<T: Locked>(&self, which: &[&T]) -> Result<Locks<T>, LedgerError> {
        let mut locks = Locks {
            redis: self.redis.clone(),
            keys: self.keys.clone(),
            token: format!("{:032x}", rand::random::<u128>()),
            // All of them until it is known which: if the answer is lost, the drop releases them.
            held: which.iter().map(|one| (*one).clone()).collect(),
            lock_for: self.lock_for,
        };
        if which.is_empty() {
            return Ok(locks);
        }
        let mut pipeline = Pipeline::with_capacity(which.len());
        for one in which {
            pipeline
                .cmd("SET")
                .arg(one.key(&self.keys))
                .arg(&locks.token)
                .arg("NX")
                .arg("PX")
                .arg(self.lock_for.as_millis() as u64);
        }
        let got: Vec<Option<String>> = pipeline.query_async(&mut locks.redis).await?;
        let got = which.iter().zip(got).filter(|(_, answer)| answer.is_some());
        locks.held = got.map(|(one, _)| (*one).clone()).collect();
        Ok(locks)
    }
}

impl<T: Locked> Locks<T> {
    /// Whether this one was locked by the call.
    pub fn has(&self, one: &T) -> bool {
        self.held.contains(one)
    }

    /// Those that are still held: not run out, and not forgotten by a Redis that lost its data.
    ///
    /// # Errors
    /// [`LedgerError::Redis`].
    pub async fn still_held(&self) -> Result<HashSet<T>, LedgerError> {
        if self.held.is_empty() {
            return Ok(HashSet::new());
        }
        let mut pipeline = Pipeline::with_capacity(self.held.len());
        for one in &self.held {
            pipeline.cmd("GET").arg(one.key(&self.keys));
        }
        let holders: Vec<Option<String>> = pipeline.query_async(&mut self.redis.clone()).await?;
        let mine = self.held.iter().zip(holders);
        let mine = mine.filter(|(_, holder)| holder.as_ref() == Some(&self.token));
        Ok(mine.map(|(one, _)| one.clone()).collect())
    }

    /// Releases them. Where Redis does not answer it is tried again, beside the caller, until they have run out.
    pub async fn release(mut self) {
        let release = self.releasing();
        if let Err(again) = release.once().await {
            tokio::spawn(again.until_done());
        }
    }

    /// What is held is released by that from now on.
    fn releasing(&mut self) -> Release {
        let held = std::mem::take(&mut self.held);
        Release {
            redis: self.redis.clone(),
            keys: held.iter().map(|one| one.key(&self.keys)).collect(),
            token: std::mem::take(&mut self.token),
            until: Instant::now() + self.lock_for,
        }
    }
}

/// For a caller that gives up on an error, or whose task is dropped.
impl<T: Locked> Drop for Locks<T> {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.held.is_empty(), Handle::try_current()) {
            runtime.spawn(self.releasing().until_done());
        }
    }
}

/// Locks that nobody needs any more.
struct Release {
    redis: ConnectionManager,
    keys: Vec<String>,
    token: String,
    /// By then they have run out.
    until: Instant,
}

impl Release {
    /// Gives itself back if it has to be tried again.
    async fn once(mut self) -> Result<(), Self> {
        if self.keys.is_empty() {
            return Ok(());
        }
        let mut command = redis::cmd("EVAL");
        command
            .arg(RELEASE)
            .arg(self.keys.len())
            .arg(&self.keys)
            .arg(&self.token);
        let released: Result<(), RedisError> = command.query_async(&mut self.redis).await;
        released.map_err(|error| {
            debug!(%error, "locks are not released yet");
            self
        })
    }

    async fn until_done(self) {
        let mut release = self;
        while let Err(again) = release.once().await {
            if Instant::now() >= again.until {
                return;
            }
            tokio::time::sleep(AGAIN_AFTER).await;
            release = again;
        }
    }
}
