//! From closed segments of the log into ClickHouse: every row once, however often it is tried and
//! whatever is killed in between.
//!
//! Two things make it so. A batch carries a token made of log, segment and table, so that a batch whose
//! outcome is unknown may be sent again. And events that piles repeat by themselves are compared with
//! what the database holds before they are sent (`once`).

mod once;
mod rows;

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use common::backoff::Backoff;
use metrics::{counter, gauge, histogram};
use store::table::quarantine::Quarantine;
use store::{Clickhouse, Record, StoreError, Table};
use tracing::{error, info, warn};
use wal::{Segment, WalError};

pub use rows::{Rows, gather};

/// Rows in one insert at most; ClickHouse commits a block of up to about a million at once.
const BLOCK: usize = 500_000;

/// Drains segments, one after the other.
#[derive(Debug, Clone)]
pub struct Drain {
    db: Clickhouse,
    log_id: String,
}

impl Drain {
    /// Into `db`, for the log with this name.
    pub fn new(db: Clickhouse, log_id: String) -> Self {
        Self { db, log_id }
    }

    /// Inserts all of a segment and removes it; comes back only when that is done.
    ///
    /// # Errors
    /// [`WalError`] if the file cannot be read or removed.
    pub async fn segment(&self, segment: Segment) -> Result<(), WalError> {
        let started = std::time::Instant::now();
        let number = segment.number();
        let loaded = {
            let segment = segment.clone();
            tokio::task::spawn_blocking(move || segment.load())
                .await
                .expect("reading a file does not panic")?
        };
        let (tables, unknown) = gather(&loaded);
        drop(loaded);
        if unknown > 0 {
            keep_aside(&segment, unknown);
        }
        for rows in tables {
            let rows = self.without_known(rows).await;
            self.insert(&rows, number).await;
            counter!("ops_tcu_drained_rows_total", "table" => rows.table.name()).increment(rows.len() as u64);
        }
        histogram!("ops_tcu_drain_seconds").record(started.elapsed());
        segment.remove()
    }

    /// Leaves out what the database has already, asking until it answers.
    async fn without_known(&self, rows: Rows) -> Rows {
        let mut patience = Patience::new("compare with the database");
        loop {
            match once::without_known(&self.db, &rows).await {
                Ok(new) => {
                    let known = rows.len() - new.len();
                    if known > 0 {
                        counter!("ops_tcu_drain_repeated_total", "table" => rows.table.name())
                            .increment(known as u64);
                    }
                    return new;
                }
                Err(error) => patience.wait(&error).await,
            }
        }
    }

    /// Inserts rows; those that the database refuses for what they hold go to quarantine, found by
    /// halving the batch.
    async fn insert(&self, rows: &Rows, segment: u64) {
        let mut parts: Vec<Range<usize>> = (0..rows.len())
            .step_by(BLOCK)
            .map(|from| from..(from + BLOCK).min(rows.len()))
            .rev()
            .collect();
        while let Some(part) = parts.pop() {
            let token = format!(
                "{}-{segment}-{}-{}-{}",
                self.log_id,
                rows.table.id(),
                part.start,
                part.end
            );
            let Err(refused) = self
                .insert_part(rows.table, rows.slice(part.clone()), &token)
                .await
            else {
                continue;
            };
            if part.len() == 1 {
                self.quarantine(rows, part.start, &refused, &token).await;
            } else {
                let middle = part.start + part.len() / 2;
                parts.extend([middle..part.end, part.start..middle]);
            }
        }
    }

    /// One insert, tried until the database takes or refuses it.
    async fn insert_part(&self, table: Table, rows: Bytes, token: &str) -> Result<(), StoreError> {
        let mut patience = Patience::new("insert");
        loop {
            match self.db.insert_rows(table, rows.clone(), token).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_refused_for_contents() => return Err(error),
                Err(error) => patience.wait(&error).await,
            }
        }
    }

    async fn quarantine(&self, rows: &Rows, place: usize, refused: &StoreError, token: &str) {
        let why = cause(refused);
        warn!(
            table = rows.table.name(),
            why, "the database refused a row; it goes to quarantine"
        );
        counter!("ops_tcu_rejects_total", "kind" => "refused_by_database").increment(1);
        let payload = rows.slice(place..place + 1);
        let mut encoded = Vec::new();
        Quarantine {
            recv_time: rows.integer(place, "recv_time"),
            device_id: rows.integer(place, "device_id") as u64,
            uuid: "",
            topic: "",
            table_name: rows.table.name(),
            reason: "refused_by_database",
            error: &why,
            trade_id: "",
            payload: &payload,
        }
        .encode(&mut encoded);
        if self
            .insert_part(Table::Quarantine, encoded.into(), token)
            .await
            .is_err()
        {
            error!(table = rows.table.name(), row = ?payload, "not even the quarantine takes this row");
        }
    }
}

/// Waits between tries, and says so once and again every so often.
struct Patience {
    doing: &'static str,
    backoff: Backoff,
    tries: u32,
}

impl Patience {
    fn new(doing: &'static str) -> Self {
        Self {
            doing,
            backoff: Backoff::new(Duration::from_millis(200), Duration::from_secs(5)),
            tries: 0,
        }
    }

    async fn wait(&mut self, error: &StoreError) {
        gauge!("ops_tcu_drain_waiting").set(1.0);
        if self.tries.is_multiple_of(20) {
            let (doing, cause) = (self.doing, cause(error));
            if error.needs_operator() {
                error!(doing, %error, cause, "ClickHouse wants a person: a table, user or right is wrong; the log keeps the rows");
            } else {
                warn!(doing, %error, cause, "ClickHouse does not take rows now; the log keeps them");
            }
        }
        self.tries += 1;
        self.backoff.wait().await;
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        if self.tries > 0 {
            gauge!("ops_tcu_drain_waiting").set(0.0);
            info!(
                doing = self.doing,
                tries = self.tries,
                "ClickHouse takes rows again"
            );
        }
    }
}

fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Frames of a table that this version does not know come from a newer one: kept for it.
fn keep_aside(segment: &Segment, unknown: usize) {
    let kept = segment.path().with_extension("unknown");
    match std::fs::copy(segment.path(), &kept) {
        Ok(_) => {
            warn!(frames = unknown, kept = %kept.display(), "the log has rows of tables this version does not know")
        }
        Err(error) => {
            error!(%error, frames = unknown, "cannot keep rows of tables this version does not know")
        }
    }
}
