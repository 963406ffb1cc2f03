//! Who came in without a password, counted by day, uuid, client id and address, and written every half minute.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ahash::{HashMap, HashMapExt};
use bytes::Bytes;
use common::shutdown::Shutdown;
use protocol::Uuid;
use store::table::open_access_daily::OpenAccessDaily;
use store::table::traffic_daily::Day;
use store::{Clickhouse, Record as _, Table};
use tokio::time::{MissedTickBehavior, interval};

const FLUSH: Duration = Duration::from_secs(30);
/// Different clients between two flushes. Beyond, they are counted under their uuid without client id and address,
/// which strangers could vary for ever; uuids are known ones.
const CLIENTS: usize = 262_144;
/// What is kept of a client id.
const LONGEST: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    day: Day,
    uuid: Uuid,
    client_id: Box<str>,
    address: Box<str>,
}

/// The counts; clones share them.
#[derive(Debug, Clone)]
pub struct OpenAccess(Arc<Mutex<HashMap<Key, u64>>>);

/// Rows under their token, until they are in.
struct Batch {
    rows: Bytes,
    token: String,
}

impl OpenAccess {
    /// Nobody counted yet.
    #[expect(clippy::new_without_default, reason = "it is started, not defaulted")]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(HashMap::new())))
    }

    /// One came in, at `now` (Unix ms).
    pub(super) fn count(&self, uuid: Uuid, client_id: &str, address: &str, now: i64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = Key {
            day: Day::of(now),
            uuid,
            client_id: beginning(client_id).into(),
            address: beginning(address).into(),
        };
        if counts.len() >= CLIENTS && !counts.contains_key(&key) {
            (key.client_id, key.address) = ("".into(), "".into());
        }
        *counts.entry(key).or_default() += 1;
    }

    /// Writes until the stop, and once more then. What cannot be written stays, under the same token.
    pub async fn keep_writing(self, db: Clickhouse, shutdown: Shutdown) {
        let mut every = interval(FLUSH);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unwritten = None;
        loop {
            let stopping = tokio::select! {
                () = shutdown.cancelled() => true,
                _ = every.tick() => false,
            };
            self.write(&db, &mut unwritten).await;
            if stopping {
                return;
            }
        }
    }

    async fn write(&self, db: &Clickhouse, unwritten: &mut Option<Batch>) {
        // At most two: what was left, and what has come since.
        for _ in 0..2 {
            let Some(batch) = unwritten.take().or_else(|| self.take()) else {
                return;
            };
            let written = db.insert_rows(Table::OpenAccessDaily, batch.rows.clone(), &batch.token);
            if let Err(error) = written.await {
                tracing::warn!("who came in without a password cannot be written yet: {error}");
                *unwritten = Some(batch);
                return;
            }
        }
    }

    fn take(&self) -> Option<Batch> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return None;
        }
        let mut rows = Vec::new();
        for (key, connections) in &counts {
            OpenAccessDaily {
                day: key.day,
                uuid: &key.uuid.to_string(),
                client_id: &key.client_id,
                address: &key.address,
                connections: *connections,
            }
            .encode(&mut rows);
        }
        Some(Batch {
            rows: rows.into(),
            token: format!("open-access-{:032x}", rand::random::<u128>()),
        })
    }
}

/// As many whole characters as are kept.
fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(LONGEST))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_that_vary_for_ever_do_not_fill_the_memory() {
        let counts = OpenAccess::new();
        let uuid = Uuid::parse("AAAAALFW").unwrap();
        for n in 0..CLIENTS + 1000 {
            counts.count(uuid, &n.to_string(), "10.0.0.1", 0);
        }
        let long = "桩".repeat(100);
        assert_eq!(beginning(&long).len(), 126);
        let held = counts.0.lock().unwrap();
        assert_eq!(held.len(), CLIENTS + 1);
        assert_eq!(held.values().sum::<u64>(), (CLIENTS + 1000) as u64);
    }
}
