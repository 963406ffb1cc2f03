//! `command_batch_pile`: the piles of a batch and what became of each.

use clickhouse::Row;
use serde::Deserialize;

use crate::versioned::versioned_row;
use crate::{Clickhouse, Conditions, StoreError};

versioned_row! {
    crate::Table::CommandBatchPile, key(batch_id, device_id);
    /// A version of one row.
    #[derive(Eq)]
    pub struct CommandBatchPile {
        /// The batch.
        pub batch_id: u64,
        /// The pile.
        pub device_id: u64,
        /// The uuid with which it is asked.
        pub uuid: String,
        /// State: waiting, queued, sent, answered, failed, timed_out, cancelled, refused.
        pub state: String,
        /// Why it failed.
        pub reason: String,
        /// The mark under which it is asked.
        pub caller: String,
        /// Fields for this pile alone, JSON, empty = those of the batch.
        pub request: String,
        /// Not to be asked before, Unix ms, 0 = at once.
        pub due_time: i64,
        /// Asked, Unix ms, 0 = not yet.
        pub asked_time: i64,
        /// Final since, Unix ms, 0 = not yet.
        pub finished_time: i64,
    }
}

/// `state` of a pile that was not asked yet. The other states are those of commands; `queued` and `sent` are not
/// final.
pub const WAITING: &str = "waiting";

/// Whether nothing follows on this `state`.
pub fn is_final(state: &str) -> bool {
    !matches!(state, WAITING | "queued" | "sent")
}

/// How many piles of each batch are in each state.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Progress {
    /// The batch.
    pub batch_id: u64,
    /// The state.
    pub state: String,
    /// Piles in it.
    pub piles: u64,
}

/// How far batches are, in one reading.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn progress(db: &Clickhouse, batches: Vec<u64>) -> Result<Vec<Progress>, StoreError> {
    let sql = "SELECT batch_id, state, count() AS piles FROM command_batch_pile FINAL";
    let these = Conditions::new().and("batch_id IN ? AND flag_del = 0", [batches.into()]);
    let query = these.query_with(db, sql, " GROUP BY batch_id, state ORDER BY batch_id, state");
    db.rows("the progress of batches", query).await
}
