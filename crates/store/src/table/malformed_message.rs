//! `malformed_message`: samples of payloads that could not be read.

use crate::rowbinary::table_row;

/// How much of a payload a sample keeps, bytes.
pub const SAMPLE_SIZE: usize = 4096;

table_row! {
    crate::Table::MalformedMessage;
    /// One sample.
    pub struct MalformedMessage<'a> {
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// The pile; 0 = unknown.
        pub device_id: u64,
        /// The uuid of the topic, or what stood in its place.
        pub uuid: &'a str,
        /// The topic.
        pub topic: &'a str,
        /// Why it could not be read: the label that is also counted.
        pub reason: &'a str,
        /// Where, bytes from the start.
        pub offset: u32,
        /// The whole payload's size, bytes.
        pub size: u32,
        /// Its first [`SAMPLE_SIZE`] bytes.
        pub sample: &'a [u8],
    }
}
