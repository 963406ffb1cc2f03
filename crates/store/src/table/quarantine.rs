//! `quarantine`: what could not become a row but must not be lost: poison charge records, rows that
//! ClickHouse refused for their contents, data of piles that are refused.

use crate::rowbinary::table_row;

table_row! {
    crate::Table::Quarantine;
    /// One message or one row.
    pub struct Quarantine<'a> {
        /// When the platform received it, or the database refused it, Unix ms.
        pub recv_time: i64,
        /// The pile; 0 = unknown.
        pub device_id: u64,
        /// The uuid of the topic; empty for a refused row.
        pub uuid: &'a str,
        /// The topic; empty for a refused row.
        pub topic: &'a str,
        /// The table it was meant for.
        pub table_name: &'a str,
        /// Why it is here: the label that is also counted.
        pub reason: &'a str,
        /// The error in full.
        pub error: &'a str,
        /// 交易流水号, where it could be read.
        pub trade_id: &'a str,
        /// The message as received, or the row in `RowBinary`.
        pub payload: &'a [u8],
    }
}
