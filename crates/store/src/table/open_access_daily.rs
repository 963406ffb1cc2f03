//! `open_access_daily`: who was let in without a password while the door was open. Rows of one key are added up.

use super::traffic_daily::Day;
use crate::rowbinary::table_row;

table_row! {
    crate::Table::OpenAccessDaily;
    /// An increment.
    pub struct OpenAccessDaily<'a> {
        /// Shanghai's day.
        pub day: Day,
        /// The uuid that was let in.
        pub uuid: &'a str,
        /// The client id it used.
        pub client_id: &'a str,
        /// The address it came from.
        pub address: &'a str,
        /// Connections since the last increment.
        pub connections: u64,
    }
}
