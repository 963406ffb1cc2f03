//! The log of a pile: as long as asked for, the same for the same seed, made piece by piece so that ten thousand
//! piles can send a megabyte each.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::clock;
use crate::json::Charset;

const LEVELS: [&str; 6] = ["信息", "信息", "信息", "信息", "警告", "错误"];
const EVENTS: [&str; 10] = [
    "充电控制器: 枪头温度正常",
    "BMS: 收到BCL报文",
    "BMS: BRM报文接收超时",
    "计量: 电表通信恢复",
    "网络: 4G信号强度变化",
    "网络: 与平台重新连接",
    "模块: 充电模块休眠",
    "模块: 充电模块输出电压异常",
    "绝缘: 绝缘监测通过",
    "用户: 插枪，等待鉴权",
];

/// What a log is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogText {
    /// Of the text.
    pub seed: u64,
    /// How long it is at least; it ends with the line that reaches this.
    pub bytes: u64,
    /// What it is written in.
    pub charset: Charset,
    /// The pile's time of its last line, Unix ms.
    pub until_ms: i64,
}

/// The text, line by line.
#[derive(Debug)]
pub struct Lines {
    rng: Xoshiro256PlusPlus,
    charset: Charset,
    at_ms: i64,
    left: u64,
}

impl LogText {
    /// From its first line.
    pub fn lines(&self) -> Lines {
        // Lines are about 80 bytes and come every 2 s.
        let seconds = i64::try_from(self.bytes / 40).unwrap_or(i64::MAX / 2000);
        Lines {
            rng: Xoshiro256PlusPlus::seed_from_u64(self.seed),
            charset: self.charset,
            at_ms: self.until_ms.saturating_sub(seconds.saturating_mul(1000)),
            left: self.bytes,
        }
    }
}

impl Lines {
    /// Adds lines to `piece` until it has `most` bytes or more, or the text is at its end.
    pub fn fill(&mut self, piece: &mut Vec<u8>, most: usize) {
        while self.left > 0 && piece.len() < most {
            let before = piece.len();
            self.line(piece);
            self.left = self.left.saturating_sub((piece.len() - before) as u64);
        }
    }

    fn line(&mut self, piece: &mut Vec<u8>) {
        self.at_ms += self.rng.random_range(500..3500);
        let level = LEVELS.choose(&mut self.rng).copied().unwrap_or_default();
        let event = EVENTS.choose(&mut self.rng).copied().unwrap_or_default();
        let detail: u32 = self.rng.random_range(0..100_000);
        let line = format!(
            "{} [{level}] {event} #{detail:05}\r\n",
            clock::wire_time(self.at_ms)
        );
        match self.charset {
            Charset::Utf8 => piece.extend_from_slice(line.as_bytes()),
            Charset::Gb18030 => piece.extend_from_slice(&encoding_rs::GB18030.encode(&line).0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(log: &LogText, piece: usize) -> Vec<u8> {
        let (mut lines, mut all) = (log.lines(), Vec::new());
        loop {
            let mut next = Vec::new();
            lines.fill(&mut next, piece);
            if next.is_empty() {
                return all;
            }
            all.extend_from_slice(&next);
        }
    }

    #[test]
    fn the_text_is_the_same_in_whatever_pieces_and_as_long_as_asked_for() {
        for charset in [Charset::Utf8, Charset::Gb18030] {
            let log = LogText {
                seed: 3,
                bytes: 20_000,
                charset,
                until_ms: 1_750_000_000_000,
            };
            let text = whole(&log, 100);
            assert_eq!(text, whole(&log, 7000));
            assert!((20_000..20_200).contains(&text.len()), "{}", text.len());
            assert!(text.ends_with(b"\r\n"));
            assert_eq!(std::str::from_utf8(&text).is_ok(), charset == Charset::Utf8);
        }
    }
}
