//! `pile_parameter`: parameters of piles, as last read or written.

use crate::versioned::versioned_row;

versioned_row! {
    crate::Table::PileParameter, key(device_id, name);
    /// A version of one row.
    #[derive(Eq)]
    pub struct PileParameter {
        /// The pile.
        pub device_id: u64,
        /// Parameter.
        pub name: String,
        /// Its value.
        pub value: String,
        /// When the pile said or took it, Unix ms.
        pub read_time: i64,
        /// From an answer to: 参数查询, 参数配置.
        pub command: String,
        /// The mark of that command.
        pub caller: String,
    }
}
