//! `clock_survey`: how far the clocks of piles were off when they answered.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::ClockSurvey, key(device_id, caller);
    /// A version of one row.
    #[derive(Eq)]
    pub struct ClockSurvey {
        /// The pile.
        pub device_id: u64,
        /// The uuid with which it spoke.
        pub uuid: String,
        /// The mark of the command.
        pub caller: String,
        /// Answered by the platform's clock, Unix ms.
        pub read_time: i64,
        /// Command that was answered; 对时 has set the clock before.
        pub command: String,
        /// By the pile's clock, Unix ms.
        pub pile_time: i64,
        /// Pile's clock less the platform's, ms.
        pub difference_ms: i64,
    }
}
