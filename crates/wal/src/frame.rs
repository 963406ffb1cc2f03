//! One frame: rows of one kind that were appended together, with their lengths and a checksum.
//!
//! Layout, little endian: `body length u32 | crc32 u32 | rows u32 | kind u8 | 0 0 0`, then the body:
//! the rows one after the other, then each row's length as u32. The lengths stand last so that rows
//! can be encoded in place, and they let a drain cut a batch at row borders without knowing the rows.
//! The checksum covers everything behind itself.

/// Bytes in front of a frame's body.
pub const HEADER: usize = 16;
const CRC_AT: usize = 4;
const COVERED_FROM: usize = 8;

/// Why the bytes at some place of a segment are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The bytes end inside the frame: a write that a crash cut short.
    #[error("the frame is cut short")]
    Torn,
    /// The checksum or the lengths do not agree with the contents.
    #[error("the frame is damaged")]
    Damaged,
}

/// Collects rows of one kind; encoding happens straight into its buffer.
#[derive(Debug)]
pub struct FrameBuilder {
    kind: u8,
    buffer: Vec<u8>,
    lengths: Vec<u32>,
}

impl FrameBuilder {
    /// An empty frame of `kind`; allocates nothing yet.
    pub const fn new(kind: u8) -> Self {
        Self {
            kind,
            buffer: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// Appends the row that `encode` writes to the end of the buffer it is given.
    pub fn push(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        if self.buffer.is_empty() {
            self.buffer.resize(HEADER, 0);
        }
        let start = self.buffer.len();
        encode(&mut self.buffer);
        self.lengths.push((self.buffer.len() - start) as u32);
    }

    /// How many rows it holds.
    pub fn rows(&self) -> usize {
        self.lengths.len()
    }

    /// Whether it holds no row.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Seals the frame and leaves an empty builder that expects as much again.
    pub fn take(&mut self) -> Vec<u8> {
        let capacity = self.buffer.len();
        let mut buffer = std::mem::replace(&mut self.buffer, Vec::with_capacity(capacity));
        buffer.reserve(self.lengths.len() * 4);
        for length in &self.lengths {
            buffer.extend_from_slice(&length.to_le_bytes());
        }
        let body = (buffer.len() - HEADER) as u32;
        buffer[0..4].copy_from_slice(&body.to_le_bytes());
        buffer[8..12].copy_from_slice(&(self.lengths.len() as u32).to_le_bytes());
        buffer[12] = self.kind;
        let crc = crc32fast::hash(&buffer[COVERED_FROM..]);
        buffer[CRC_AT..COVERED_FROM].copy_from_slice(&crc.to_le_bytes());
        self.lengths.clear();
        buffer
    }
}

/// A frame read back, borrowing from the segment's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What the producer called these rows.
    pub kind: u8,
    /// The rows' bytes, one after the other.
    pub bytes: &'a [u8],
    lengths: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads the frame at the start of `bytes`; gives it and its whole length.
    ///
    /// # Errors
    /// [`FrameError::Torn`] where the bytes end too early, [`FrameError::Damaged`] where they lie.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, usize), FrameError> {
        let header = bytes.get(..HEADER).ok_or(FrameError::Torn)?;
        let body = u32_at(header, 0) as usize;
        let rows = u32_at(header, 8) as usize;
        let whole = HEADER + body;
        if body == 0 {
            // A file that grew before its data reached the disk ends in zeros.
            return Err(FrameError::Torn);
        }
        let frame = bytes.get(..whole).ok_or(FrameError::Torn)?;
        if crc32fast::hash(&frame[COVERED_FROM..]) != u32_at(header, CRC_AT) || rows * 4 > body {
            return Err(FrameError::Damaged);
        }
        let (rows_bytes, lengths) = frame[HEADER..].split_at(body - rows * 4);
        Ok((
            Self {
                kind: header[12],
                bytes: rows_bytes,
                lengths,
            },
            whole,
        ))
    }

    /// Each row's length, in order.
    pub fn lengths(&self) -> impl ExactSizeIterator<Item = u32> + 'a {
        self.lengths
            .as_chunks::<4>()
            .0
            .iter()
            .map(|l| u32::from_le_bytes(*l))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, rows: &[&[u8]]) -> Vec<u8> {
        let mut builder = FrameBuilder::new(kind);
        for row in rows {
            builder.push(|out| out.extend_from_slice(row));
        }
        builder.take()
    }

    #[test]
    fn reads_back_what_was_built() {
        let bytes = frame(7, &[b"one", b"", b"three"]);
        let (frame, whole) = Frame::read(&bytes).unwrap();
        assert_eq!(whole, bytes.len());
        assert_eq!(frame.kind, 7);
        assert_eq!(frame.bytes, b"onethree");
        assert_eq!(frame.lengths().collect::<Vec<_>>(), [3, 0, 5]);
    }

    #[test]
    fn a_builder_is_empty_again_after_take() {
        let mut builder = FrameBuilder::new(1);
        builder.push(|out| out.push(1));
        builder.take();
        assert!(builder.is_empty());
        builder.push(|out| out.push(2));
        assert_eq!(Frame::read(&builder.take()).unwrap().0.bytes, [2]);
    }

    #[test]
    fn every_cut_is_torn_and_every_flipped_bit_is_noticed() {
        let bytes = frame(3, &[b"abc", b"defg"]);
        for cut in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..cut]), Err(FrameError::Torn), "cut at {cut}");
        }
        for bit in 32..bytes.len() * 8 {
            let mut broken = bytes.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::read(&broken), Err(FrameError::Damaged), "bit {bit}");
        }
    }

    #[test]
    fn zeros_are_the_end_of_a_segment() {
        assert_eq!(Frame::read(&[0; 64]), Err(FrameError::Torn));
    }
}
