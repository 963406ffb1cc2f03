//! `sim_survey`: what piles said about their SIM cards; one row per answer.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::SimSurvey, key(device_id, caller);
    /// A version of one row.
    #[derive(Eq)]
    pub struct SimSurvey {
        /// The pile.
        pub device_id: u64,
        /// The uuid with which it spoke.
        pub uuid: String,
        /// The mark of the command.
        pub caller: String,
        /// Answered, Unix ms.
        pub read_time: i64,
        /// ICCID.
        pub iccid: String,
        /// IMSI.
        pub imsi: String,
        /// Mobile operator.
        pub mvno: String,
        /// Signal, dBm; none = the pile did not say.
        pub signal_dbm: Option<i16>,
        /// The answer, JSON.
        pub answer: String,
    }
}
