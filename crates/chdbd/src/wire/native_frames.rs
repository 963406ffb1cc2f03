//! ClickHouse's native compression frames (`decompress=1`, `compress=1`): a CityHash128 checksum, one byte of
//! method, both lengths, the data.

use bytes::{Buf, BytesMut};

use crate::exception::Exception;

const CHECKSUM: usize = 16;
const HEADER: usize = 9;
const LZ4: u8 = 0x82;
const ZSTD: u8 = 0x90;
const NONE: u8 = 0x02;

/// No frame of an honest client is larger, and a forged length must not allocate much.
const MAX_FRAME: usize = 256 << 20;

/// Decodes frames from pieces cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct FrameDecoder {
    pending: BytesMut,
}

impl FrameDecoder {
    /// Takes a piece and gives every frame that is now complete; stops early when `out` answers false.
    pub(crate) fn push(
        &mut self,
        piece: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<bool, Exception>,
    ) -> Result<bool, Exception> {
        self.pending.extend_from_slice(piece);
        while let Some(length) = self.frame_length()? {
            let frame = self.pending.split_to(length);
            if !out(&decode(&frame)?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The input ended: nothing may be left over.
    pub(crate) fn finish(&self) -> Result<(), Exception> {
        if self.pending.is_empty() {
            Ok(())
        } else {
            Err(damaged("the last compressed frame is cut off"))
        }
    }

    /// The length of the first frame once all of it is here.
    fn frame_length(&self) -> Result<Option<usize>, Exception> {
        let Some(header) = self.pending.get(CHECKSUM..CHECKSUM + HEADER) else {
            return Ok(None);
        };
        let (_, compressed, plain) = parse(header);
        if !(HEADER..=MAX_FRAME).contains(&compressed) || plain > MAX_FRAME {
            return Err(damaged("a compressed frame has an impossible length"));
        }
        Ok(Some(CHECKSUM + compressed).filter(|length| self.pending.len() >= *length))
    }
}

fn parse(mut header: &[u8]) -> (u8, usize, usize) {
    let method = header.get_u8();
    let length = |header: &mut &[u8]| usize::try_from(header.get_u32_le()).unwrap_or(usize::MAX);
    let compressed = length(&mut header);
    (method, compressed, length(&mut header))
}

fn decode(frame: &[u8]) -> Result<Vec<u8>, Exception> {
    let (mut checksum, rest) = frame.split_at(CHECKSUM);
    if checksum.get_u128_le() != checksum_of(rest) {
        return Err(Exception::new(
            40,
            "CHECKSUM_DOESNT_MATCH",
            "The checksum of a compressed frame is wrong",
        ));
    }
    let (header, data) = rest.split_at(HEADER);
    let (method, _, plain) = parse(header);
    match method {
        LZ4 => {
            let out = lz4_flex::block::decompress(data, plain).map_err(|e| damaged(&e.to_string()))?;
            if out.len() == plain {
                Ok(out)
            } else {
                Err(damaged("a frame is shorter than it says"))
            }
        }
        NONE => Ok(data.to_vec()),
        ZSTD => Err(damaged(
            "ZSTD is not supported by the embedded ClickHouse, use LZ4",
        )),
        other => Err(damaged(&format!("unknown compression method {other:#04x}"))),
    }
}

/// One LZ4 frame.
pub(super) fn encode(data: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(
        start + CHECKSUM + HEADER + lz4_flex::block::get_maximum_output_size(data.len()),
        0,
    );
    let body = start + CHECKSUM + HEADER;
    let written =
        lz4_flex::block::compress_into(data, &mut out[body..]).expect("the buffer has the maximum size");
    out.truncate(body + written);
    let length = |bytes: usize| {
        u32::try_from(bytes)
            .expect("frames are cut far below 4 GiB")
            .to_le_bytes()
    };
    out[start + CHECKSUM] = LZ4;
    out[start + CHECKSUM + 1..start + CHECKSUM + 5].copy_from_slice(&length(HEADER + written));
    out[start + CHECKSUM + 5..body].copy_from_slice(&length(data.len()));
    let checksum = checksum_of(&out[start + CHECKSUM..]).to_le_bytes();
    out[start..start + CHECKSUM].copy_from_slice(&checksum);
}

/// ClickHouse writes the two halves in its own order.
fn checksum_of(data: &[u8]) -> u128 {
    cityhash_rs::cityhash_102_128(data).rotate_right(64)
}

fn damaged(reason: &str) -> Exception {
    Exception::new(271, "CANNOT_DECOMPRESS", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(wire: &[u8], cut: usize) -> Result<Vec<u8>, Exception> {
        let (mut decoder, mut out) = (FrameDecoder::default(), Vec::new());
        for piece in wire.chunks(cut) {
            decoder.push(piece, &mut |frame| {
                out.extend_from_slice(frame);
                Ok(true)
            })?;
        }
        decoder.finish().map(|()| out)
    }

    #[test]
    fn frames_come_back_however_they_are_cut() {
        let mut wire = Vec::new();
        encode(b"", &mut wire);
        encode(&[7; 100_000], &mut wire);
        encode(b"tail", &mut wire);
        for cut in [1, 7, 25, 1000, wire.len()] {
            let out = decoded(&wire, cut).unwrap();
            assert_eq!(
                (out.len(), &out[100_000..]),
                (100_004, b"tail".as_slice()),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn damage_is_an_error() {
        let mut wire = Vec::new();
        encode(b"some rows", &mut wire);
        assert_eq!(decoded(&wire[..wire.len() - 1], 8).unwrap_err().code, 271);
        *wire.last_mut().unwrap() ^= 1;
        assert_eq!(decoded(&wire, 8).unwrap_err().code, 40);
        assert_eq!(decoded(&[0xff; 64], 64).unwrap_err().code, 271);
    }
}
