//! `command_batch`: commands for many piles: what is asked of them, and whether it runs.

use crate::versioned::{self, versioned_row};
use crate::{Clickhouse, Conditions, StoreError};

versioned_row! {
    crate::Table::CommandBatch, key(batch_id);
    /// A version of one row.
    #[derive(Eq)]
    pub struct CommandBatch {
        /// The batch.
        pub batch_id: u64,
        /// Its name for people.
        pub name: String,
        /// Kind: manual, schedule, template.
        pub kind: String,
        /// Command.
        pub command: String,
        /// The command's fields, JSON, without passwords.
        pub request: String,
        /// Who asks, as in command_record.
        pub source: String,
        /// Piles asked per second, 0 = the connector's own limit.
        pub rate_per_s: u32,
        /// How long each command may take, s.
        pub timeout_s: u32,
        /// State: pending, running, paused, cancelled, finished.
        pub state: String,
        /// Number of piles.
        pub total: u32,
        /// Organization whose people see it, 0 = all.
        pub organization_id: u64,
        /// Account of whoever made it.
        pub created_by: String,
        /// Made, Unix ms.
        pub created_time: i64,
        /// Every pile has an outcome since, Unix ms, 0 = not yet.
        pub finished_time: i64,
        /// The schedule or template it comes from, 0 = none.
        pub origin_id: u64,
    }
}

/// Whether a batch runs, as it stands in its column `state`.
///
/// People make a batch `Pending` or `Running`, pause and cancel it; the connector alone finishes it. Pending is run
/// like running: it only says that nothing was done yet. A cancelled batch is over when `finished_time` is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Made, not begun.
    Pending,
    /// Piles are asked.
    Running,
    /// Nobody new is asked; what was asked goes on.
    Paused,
    /// Nobody new is asked, and what was asked is withdrawn.
    Cancelled,
    /// Every pile has an outcome.
    Finished,
}

impl BatchState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Paused,
        Self::Cancelled,
        Self::Finished,
    ];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Finished => "finished",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What a batch was made for, as it stands in its column `kind`.
pub mod kind {
    /// By a person.
    pub const MANUAL: &str = "manual";
    /// By a schedule; `origin_id` names it.
    pub const SCHEDULE: &str = "schedule";
    /// To put parameters right; `origin_id` names the template.
    pub const TEMPLATE: &str = "template";
}

/// The mark under which a batch asks a pile: 请求标识, `command_record.caller`.
pub fn mark(batch_id: u64, device_id: u64) -> String {
    format!("b{batch_id}-{device_id}")
}

/// Batch and pile of a mark; none if it is no batch's.
pub fn of_mark(mark: &str) -> Option<(u64, u64)> {
    let (batch_id, device_id) = mark.strip_prefix('b')?.split_once('-')?;
    Some((batch_id.parse().ok()?, device_id.parse().ok()?))
}

/// Batches that are not over: those that run or are paused, and those cancelled of which the connector has not heard
/// from every pile.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn open(db: &Clickhouse) -> Result<Vec<CommandBatch>, StoreError> {
    versioned::present(db, &Conditions::new().and("finished_time = 0", [])).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_leads_back_to_batch_and_pile() {
        assert_eq!(of_mark(&mark(7, u64::MAX)), Some((7, u64::MAX)));
        for foreign in ["", "b", "b7", "b7-", "c7-9", "b7-9x", "b-7-9", "b7-9-1"] {
            assert_eq!(of_mark(foreign), None, "{foreign}");
        }
        for state in BatchState::ALL {
            assert_eq!(BatchState::parse(state.as_str()), Some(state));
        }
    }
}
