//! `version_survey`: what piles said about the versions of their parts; one row per answer.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::VersionSurvey, key(device_id, caller);
    /// A version of one row.
    #[derive(Eq)]
    pub struct VersionSurvey {
        /// The pile.
        pub device_id: u64,
        /// The uuid with which it spoke.
        pub uuid: String,
        /// The mark of the command.
        pub caller: String,
        /// Answered, Unix ms.
        pub read_time: i64,
        /// Software version of the TCU.
        pub software_version: String,
        /// Hardware version of the TCU.
        pub hardware_version: String,
        /// Versions of sub-devices, JSON.
        pub parts: String,
        /// The answer, JSON.
        pub answer: String,
    }
}
