//! The counter in Redis: fast, and trusted only upwards. It may be lost or rewound at any moment.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::Uuid;
use redis::aio::ConnectionManager;
use store::Clickhouse;
use store::table::uuid_ledger;
use tracing::warn;

use super::LedgerError;

/// Takes ARGV[2] numbers; nothing if the counter is missing, is no number, or is below ARGV[1], which this
/// process has seen.
const TAKE: &str = "\
local counter = string.match(redis.call('GET', KEYS[1]) or '', '^%d+$')
if not counter or tonumber(counter) < tonumber(ARGV[1]) then return false end
return redis.call('INCRBY', KEYS[1], ARGV[2])";

/// Raises the counter to ARGV[1] if it is below, and gives it.
const RAISE: &str = "\
local counter = string.match(redis.call('GET', KEYS[1]) or '', '^%d+$')
if counter and tonumber(counter) >= tonumber(ARGV[1]) then return tonumber(counter) end
redis.call('SET', KEYS[1], ARGV[1])
return tonumber(ARGV[1])";

/// A counter that is raised and is rewound again before the next take is somebody's script, not an accident.
const TRIES: usize = 5;

/// See the module.
pub(super) struct Counter {
    key: String,
    /// The highest number that this process has seen: a counter below it was rewound.
    highest: AtomicU64,
}

impl Counter {
    pub(super) fn new(key: String) -> Self {
        Self {
            key,
            highest: AtomicU64::new(0),
        }
    }

    /// The next `count` numbers. They may still be somebody's: the counter alone proves nothing.
    pub(super) async fn take(
        &self,
        redis: &mut ConnectionManager,
        db: &Clickhouse,
        count: usize,
    ) -> Result<RangeInclusive<u64>, LedgerError> {
        for _ in 0..TRIES {
            let seen = self.highest.load(Ordering::Relaxed);
            let last: Option<u64> = redis::cmd("EVAL")
                .arg(TAKE)
                .arg(1)
                .arg(&self.key)
                .arg(seen)
                .arg(count)
                .query_async(redis)
                .await?;
            if let Some(last) = last {
                // A number that is no uuid is not remembered: the counter may be put right again.
                if Uuid::from_counter(last).is_none() {
                    return Err(LedgerError::Exhausted);
                }
                self.highest.fetch_max(last, Ordering::Relaxed);
                return Ok(last - count as u64 + 1..=last);
            }
            warn!(
                seen,
                "the uuid counter in Redis is missing or was rewound; raising it"
            );
            metrics::counter!("register_uuid_counter_lost_total").increment(1);
            self.raise(redis, db).await?;
        }
        Err(LedgerError::Contended)
    }

    /// Raises the counter to the largest uuid that ClickHouse or this process knows; gives the counter.
    pub(super) async fn raise(
        &self,
        redis: &mut ConnectionManager,
        db: &Clickhouse,
    ) -> Result<u64, LedgerError> {
        let largest = uuid_ledger::largest(db).await?;
        let known = largest
            .and_then(|text| Uuid::parse(&text).ok())
            .map_or(0, Uuid::counter);
        let floor = known.max(self.highest.load(Ordering::Relaxed));
        let counter: u64 = redis::cmd("EVAL")
            .arg(RAISE)
            .arg(1)
            .arg(&self.key)
            .arg(floor)
            .query_async(redis)
            .await?;
        if Uuid::from_counter(counter).is_some() {
            self.highest.fetch_max(counter, Ordering::Relaxed);
        }
        Ok(counter)
    }
}
