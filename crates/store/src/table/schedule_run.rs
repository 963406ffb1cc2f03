//! `schedule_run`: runs of recurring commands.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::ScheduleRun, key(schedule_id, planned_time);
    /// A version of one row.
    #[derive(Eq)]
    pub struct ScheduleRun {
        /// The schedule.
        pub schedule_id: u64,
        /// When it was due, Unix ms.
        pub planned_time: i64,
        /// When it was made, Unix ms.
        pub started_time: i64,
        /// State: started, empty = nobody was chosen, skipped = the run before goes on, failed.
        pub state: String,
        /// The batch, 0 = none.
        pub batch_id: u64,
        /// Piles chosen.
        pub chosen: u32,
        /// Of them left out because they were offline.
        pub skipped: u32,
        /// Why it failed, or what was missed.
        pub reason: String,
    }
}
