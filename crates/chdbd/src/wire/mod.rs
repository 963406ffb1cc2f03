//! Compression as it is on the wire: ClickHouse's own frames in requests and answers, LZ4 as a content encoding.

mod encoder;
mod native_frames;

pub(crate) use encoder::{Encoder, Encoding};
pub(crate) use native_frames::FrameDecoder;
