//! How an answer's bytes are encoded before they leave.

use std::io::Write;

use bytes::Bytes;
use lz4_flex::frame::FrameEncoder;

use super::native_frames;

/// Blocks of `compress=1` hold at most this much.
const NATIVE_BLOCK: usize = 1 << 20;

/// What the client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is.
    Plain,
    /// `compress=1`: ClickHouse's frames.
    NativeFrames,
    /// `Accept-Encoding: lz4`: one LZ4 stream, declared by Content-Encoding.
    Lz4Stream,
}

/// Encodes one answer, piece by piece; every piece can be decoded as soon as it arrives.
pub(crate) enum Encoder {
    Plain,
    NativeFrames,
    Lz4Stream(Box<FrameEncoder<Vec<u8>>>),
}

impl Encoder {
    pub(crate) fn new(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Plain => Self::Plain,
            Encoding::NativeFrames => Self::NativeFrames,
            Encoding::Lz4Stream => Self::Lz4Stream(Box::new(FrameEncoder::new(Vec::new()))),
        }
    }

    /// A piece of the answer.
    pub(crate) fn piece(&mut self, data: &[u8]) -> Bytes {
        match self {
            Self::Plain => Bytes::copy_from_slice(data),
            Self::NativeFrames => {
                let mut out = Vec::new();
                data.chunks(NATIVE_BLOCK)
                    .for_each(|block| native_frames::encode(block, &mut out));
                out.into()
            }
            Self::Lz4Stream(encoder) => {
                encoder
                    .write_all(data)
                    .and_then(|()| encoder.flush())
                    .expect("a Vec takes all");
                std::mem::take(encoder.get_mut()).into()
            }
        }
    }

    /// What ends the answer.
    pub(crate) fn end(self) -> Bytes {
        match self {
            Self::Plain | Self::NativeFrames => Bytes::new(),
            Self::Lz4Stream(encoder) => encoder.finish().expect("a Vec takes all").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn an_lz4_stream_of_pieces_is_one_stream() {
        let mut encoder = Encoder::new(Encoding::Lz4Stream);
        let mut wire = encoder.piece(b"first ").to_vec();
        wire.extend_from_slice(&encoder.piece(&[b'x'; 200_000]));
        wire.extend_from_slice(&encoder.end());
        let mut plain = Vec::new();
        lz4_flex::frame::FrameDecoder::new(wire.as_slice())
            .read_to_end(&mut plain)
            .unwrap();
        assert_eq!((plain.len(), &plain[..6]), (200_006, b"first ".as_slice()));
    }
}
