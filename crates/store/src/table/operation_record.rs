//! `operation_record`: every change made by people. Written before the change is made; who learns the outcome writes
//! the same key once more with it, so read with FINAL.

use crate::rowbinary::table_row;

table_row! {
    crate::Table::OperationRecord;
    /// One operation.
    pub struct OperationRecord<'a> {
        /// When, Unix ms.
        pub timestamp: i64,
        /// The operation; unique.
        pub operation_id: u64,
        /// Who; 0 = the platform itself, or a person known by account only.
        pub user_id: u64,
        /// That person's account then.
        pub account: &'a str,
        /// From where: IP address.
        pub address: &'a str,
        /// What was done: the path of the interface.
        pub operation: &'a str,
        /// Kind of thing: the table.
        pub resource: &'a str,
        /// Which one: its key.
        pub resource_id: &'a str,
        /// Before, JSON.
        pub before: &'a str,
        /// After, JSON.
        pub after: &'a str,
        /// Outcome; 已受理 = not known, or not yet.
        pub result: &'a str,
    }
}
