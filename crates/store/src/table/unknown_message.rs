//! `unknown_message`: well-formed messages whose 命令 the platform does not know, kept whole.

use crate::rowbinary::table_row;

table_row! {
    crate::Table::UnknownMessage;
    /// One message.
    pub struct UnknownMessage<'a> {
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// The pile; 0 = unknown.
        pub device_id: u64,
        /// The uuid of the topic.
        pub uuid: &'a str,
        /// 命令.
        pub command: &'a str,
        /// The message's reqid.
        pub reqid: u32,
        /// The payload as received.
        pub payload: &'a [u8],
    }
}
