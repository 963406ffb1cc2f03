//! Registrations and uuids at rest: ClickHouse holds the truth, Redis a counter and locks.
//!
//! Whatever Redis forgets, no uuid is handed out twice: see [`Ledger::allocate`].

mod claims;
mod counter;
mod error;
mod lock;
mod operation;
mod rows;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::ConnectionManager;
use store::Clickhouse;
use store::redis_keys::RedisKeys;

pub use claims::AllocationReason;
pub use error::{Dependency, LedgerError};
pub use lock::{Locked, Locks, OfAsset};
pub use operation::Operation;

use self::claims::Marks;
use self::counter::Counter;

/// A clonable handle; clones share connections and what is known of the counter.
#[derive(Clone)]
pub struct Ledger {
    db: Clickhouse,
    redis: ConnectionManager,
    keys: RedisKeys,
    counter: Arc<Counter>,
    marks: Arc<Marks>,
    lock_for: Duration,
}

impl Ledger {
    /// Over connections that are made on first use. `lock_for` is how long a lock holds if nobody releases it:
    /// above the longest time that the work under it may take.
    pub fn new(db: Clickhouse, redis: ConnectionManager, keys: RedisKeys, lock_for: Duration) -> Self {
        let counter = Arc::new(Counter::new(keys.uuid()));
        Self {
            db,
            redis,
            keys,
            counter,
            marks: Arc::new(Marks::new()),
            lock_for,
        }
    }

    /// ClickHouse, for queries that are nobody else's business.
    pub fn db(&self) -> &Clickhouse {
        &self.db
    }
}

/// Now, Unix ms.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// The version of a row that replaces one of version `old`: the clock, but always above.
pub fn next_version(old: i64) -> i64 {
    now().max(old.saturating_add(1))
}
