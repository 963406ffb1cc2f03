//! What a log is written in, found by reading it once: piles send UTF-8, GBK and UTF-16, cut in the middle of a
//! character at either end, with raw bytes of vehicles in between.

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Gb18030,
    Utf16Le,
    Utf16Be,
    Binary,
}

impl Charset {
    /// As in the column.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Binary => "binary",
        }
    }

    /// How it is read; none: byte for byte.
    pub(super) fn encoding(self) -> Option<&'static Encoding> {
        match self {
            Self::Utf8 => Some(UTF_8),
            Self::Gb18030 => Some(GB18030),
            Self::Utf16Le => Some(UTF_16LE),
            Self::Utf16Be => Some(UTF_16BE),
            Self::Binary => None,
        }
    }
}

/// Reads a file part by part.
pub(super) struct Detector {
    head: Vec<u8>,
    bytes: u64,
    /// Control characters that no text has; NULs are counted apart.
    controls: u64,
    /// NULs at even and at odd places.
    nuls: [u64; 2],
    utf8: Trial,
    gb18030: Trial,
}

impl Detector {
    pub(super) fn new() -> Self {
        Self {
            head: Vec::new(),
            bytes: 0,
            controls: 0,
            nuls: [0; 2],
            utf8: Trial::new(UTF_8),
            gb18030: Trial::new(GB18030),
        }
    }

    pub(super) fn push(&mut self, part: &[u8]) {
        if self.head.len() < 3 {
            self.head.extend(part.iter().take(3 - self.head.len()));
        }
        for byte in part {
            match byte {
                0 => self.nuls[(self.bytes % 2) as usize] += 1,
                1..=8 | 14..=26 | 28..=31 | 127 => self.controls += 1,
                _ => {}
            }
            self.bytes += 1;
        }
        self.utf8.push(part);
        self.gb18030.push(part);
    }

    pub(super) fn verdict(&self) -> Charset {
        match self.head.as_slice() {
            [0xff, 0xfe, ..] => return Charset::Utf16Le,
            [0xfe, 0xff, ..] => return Charset::Utf16Be,
            [0xef, 0xbb, 0xbf] => return Charset::Utf8,
            _ => {}
        }
        let half = self.bytes / 2;
        let [even, odd] = self.nuls;
        // Latin letters and digits, which every log has, leave every other byte empty.
        if half > 0 && odd * 10 > half * 3 && even * 20 < odd {
            return Charset::Utf16Le;
        }
        if half > 0 && even * 10 > half * 3 && odd * 20 < even {
            return Charset::Utf16Be;
        }
        // Flash that was never written shows as a few NULs; a hundredth of control characters is no text.
        if (even + odd) * 20 > self.bytes || self.controls * 100 > self.bytes {
            return Charset::Binary;
        }
        let (charset, errors) = if self.gb18030.errors < self.utf8.errors {
            (Charset::Gb18030, self.gb18030.errors)
        } else {
            (Charset::Utf8, self.utf8.errors)
        };
        // Compressed and encrypted files fit neither.
        if errors * 50 > self.bytes {
            Charset::Binary
        } else {
            charset
        }
    }
}

/// How badly an encoding fits.
struct Trial {
    decoder: Decoder,
    errors: u64,
    out: Box<[u8]>,
}

impl Trial {
    fn new(encoding: &'static Encoding) -> Self {
        Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            errors: 0,
            out: vec![0; 16 << 10].into(),
        }
    }

    /// What is cut at the end of the file is not counted, since the end is never announced.
    fn push(&mut self, mut part: &[u8]) {
        loop {
            let (result, read, _) =
                self.decoder
                    .decode_to_utf8_without_replacement(part, &mut self.out, false);
            part = &part[read..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.errors += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Charset {
        // In odd parts, so that characters are cut.
        let mut detector = Detector::new();
        bytes.chunks(7).for_each(|part| detector.push(part));
        detector.verdict()
    }

    const TEXT: &str = "2025-03-12 19:16:46 枪1 启动充电 电压=239.977V 车辆连接状态:已插枪\r\n";

    #[test]
    fn text_is_told_from_text() {
        let log = TEXT.repeat(50);
        assert_eq!(found(log.as_bytes()), Charset::Utf8);
        assert_eq!(found(b"plain ascii\n"), Charset::Utf8);
        assert_eq!(found(b""), Charset::Utf8);
        assert_eq!(found(&GB18030.encode(&log).0), Charset::Gb18030);
        let le: Vec<u8> = log.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = log.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(found(&le), Charset::Utf16Le);
        assert_eq!(found(&be), Charset::Utf16Be);
        assert_eq!(found(&[&[0xff, 0xfe][..], &le].concat()), Charset::Utf16Le);
    }

    #[test]
    fn what_is_cut_or_dirty_is_still_text() {
        let log = TEXT.repeat(50);
        let bytes = log.as_bytes();
        assert_eq!(found(&bytes[..bytes.len() - 50]), Charset::Utf8);
        let gbk = GB18030.encode(&log).0;
        assert_eq!(found(&gbk[..gbk.len() - 30]), Charset::Gb18030);
        let dirty = [bytes, b"VIN=\xff\xfe\x91\x80\r\n", bytes, &[0; 16], bytes].concat();
        assert_eq!(found(&dirty), Charset::Utf8);
    }

    #[test]
    fn what_is_no_text_is_binary() {
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..10_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        assert_eq!(found(&noise), Charset::Binary);
        assert_eq!(
            found(&[&b"\x7fELF\x02\x01"[..], &[0; 500], b"text"].concat()),
            Charset::Binary
        );
    }
}
