//! A log's bytes as UTF-8 in chunks that end with a line where they can, and never inside a character.

use encoding_rs::{CoderResult, Decoder};
use store::table::log_content::CHUNK_BYTES;

use super::charset::Charset;

/// Takes bytes, gives chunks.
pub(super) struct Chunker {
    /// None: a binary file goes as it is.
    decoder: Option<Decoder>,
    rest: Vec<u8>,
}

impl Chunker {
    pub(super) fn new(charset: Charset) -> Self {
        Self {
            // Takes a mark of byte order away.
            decoder: charset
                .encoding()
                .map(|encoding| encoding.new_decoder_with_bom_removal()),
            rest: Vec::new(),
        }
    }

    /// More of the file; `last` with its end. What cannot be read becomes U+FFFD.
    pub(super) fn push(&mut self, part: &[u8], last: bool) -> Vec<Vec<u8>> {
        match &mut self.decoder {
            None => self.rest.extend_from_slice(part),
            Some(decoder) => decode(decoder, part, last, &mut self.rest),
        }
        let mut chunks = Vec::new();
        while self.rest.len() > CHUNK_BYTES || (last && !self.rest.is_empty()) {
            let at = self.cut();
            let tail = self.rest.split_off(at);
            chunks.push(std::mem::replace(&mut self.rest, tail));
        }
        chunks
    }

    fn cut(&self) -> usize {
        if self.rest.len() <= CHUNK_BYTES {
            return self.rest.len();
        }
        if self.decoder.is_none() {
            return CHUNK_BYTES;
        }
        let head = &self.rest[..CHUNK_BYTES];
        match head.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => at + 1,
            // A byte 10xxxxxx continues a character. One of the last four does not.
            None => (CHUNK_BYTES - 3..=CHUNK_BYTES)
                .rev()
                .find(|at| self.rest[*at] & 0xc0 != 0x80)
                .unwrap_or(CHUNK_BYTES),
        }
    }
}

fn decode(decoder: &mut Decoder, mut part: &[u8], last: bool, to: &mut Vec<u8>) {
    let mut out = [0; 4096];
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(part, &mut out, last);
        to.extend_from_slice(&out[..written]);
        part = &part[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::*;

    fn chunks(charset: Charset, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut chunker = Chunker::new(charset);
        let mut all: Vec<_> = bytes
            .chunks(999)
            .flat_map(|part| chunker.push(part, false))
            .collect();
        all.extend(chunker.push(b"", true));
        all
    }

    #[test]
    fn lines_stay_whole_and_nothing_is_lost() {
        let log = "枪1 启动充电\r\n".repeat(10_000);
        for (charset, bytes) in [
            (Charset::Utf8, log.clone().into_bytes()),
            (Charset::Gb18030, GB18030.encode(&log).0.into_owned()),
            (
                Charset::Utf16Le,
                log.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
        ] {
            let chunks = chunks(charset, &bytes);
            assert!(chunks.len() > 2);
            assert!(
                chunks
                    .iter()
                    .all(|chunk| chunk.len() <= CHUNK_BYTES && chunk.ends_with(b"\n"))
            );
            assert!(chunks.concat() == log.as_bytes(), "{charset:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_cut_between_characters() {
        let log = "枪".repeat(50_000);
        let chunks = chunks(Charset::Utf8, log.as_bytes());
        assert!(chunks.iter().all(|chunk| std::str::from_utf8(chunk).is_ok()));
        assert!(chunks.concat() == log.as_bytes());
    }

    #[test]
    fn a_binary_file_is_cut_anywhere_and_stays_as_it_is() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        let chunks = chunks(Charset::Binary, &bytes);
        assert_eq!(
            chunks.iter().map(Vec::len).collect::<Vec<_>>(),
            [65_536, 65_536, 65_536, 3_392]
        );
        assert!(chunks.concat() == bytes);
    }

    #[test]
    fn marks_and_cut_characters_do_not_get_in_the_way() {
        assert_eq!(chunks(Charset::Utf8, b"\xef\xbb\xbfabc"), [b"abc"]);
        assert_eq!(chunks(Charset::Utf8, b"abc\xe6\x9e"), ["abc\u{fffd}".as_bytes()]);
        assert!(chunks(Charset::Utf8, b"").is_empty());
    }
}
