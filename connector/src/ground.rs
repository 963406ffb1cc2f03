//! What every room stands on.

use common::shutdown::Shutdown;
use connections::Redis;
use protocol::topic::Topics;
use store::redis_keys::RedisKeys;
use store::versioned::next_version;
use store::{Clickhouse, Record, StoreError, Versioned, versioned};

use crate::config::Config;
use crate::dispatch::Dispatch;
use crate::files::Files;
use crate::wake::Wake;

/// The handles that a room works with, for one term: from the moment this connector leads until it no longer does.
/// Clones share everything.
#[derive(Clone)]
pub struct Ground {
    /// All settings; a room has a section of its own.
    pub config: std::sync::Arc<Config>,
    /// Where all work stands.
    pub db: Clickhouse,
    /// States of piles, grants; nothing that must not be lost.
    pub redis: Redis,
    /// Names of everything in Redis.
    pub keys: RedisKeys,
    /// The platform's topics.
    pub topics: Topics,
    /// Asks for commands.
    pub dispatch: Dispatch,
    /// Where piles fetch and bring files.
    pub files: Files,
    /// Says that there is something new.
    pub wake: Wake,
    /// Raised when the term ends: a room then stops where it is, and its rows say how far it came.
    pub stop: Shutdown,
}

impl Ground {
    /// Inserts these rows as they are. The same `token` again within ClickHouse's window of 10,000 inserts changes
    /// nothing, so an insert whose outcome is unknown may be repeated with the same rows.
    ///
    /// # Errors
    /// [`StoreError::Insert`].
    pub async fn insert<R: Record>(&self, rows: &[R], token: &str) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        for row in rows {
            row.encode(&mut bytes);
        }
        self.db.insert_rows(R::TABLE, bytes.into(), token).await
    }

    /// A token for one insert, and for its repetitions.
    pub fn token(&self) -> String {
        format!("connector-{:032x}", rand::random::<u128>())
    }

    /// Makes `row` the successor of the version it holds, for rows that only the connector changes.
    pub fn renew<V: Versioned>(&self, row: &mut V) {
        row.set_version(next_version(versioned::now(), row.version()));
    }

    /// Makes `row` the successor of the version it holds, for rows that people change too: the version is just above
    /// the one it was decided on, so that what a person did meanwhile, by the clock, counts.
    pub fn yield_to_people<V: Versioned>(&self, row: &mut V) {
        row.set_version(row.version().saturating_add(1));
    }
}
