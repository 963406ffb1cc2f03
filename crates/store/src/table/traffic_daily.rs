//! `traffic_daily`: bytes and messages per pile, day, 命令 and direction. Rows of one key are added up.

use crate::rowbinary::{Put, table_row};

/// Days since 1970-01-01 in Shanghai's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Day(pub u16);

impl Day {
    /// The day of a moment, Unix ms.
    #[inline]
    pub fn of(unix_ms: i64) -> Self {
        const SHANGHAI_MS: i64 = 8 * 3_600_000;
        Self(
            (unix_ms + SHANGHAI_MS)
                .div_euclid(86_400_000)
                .clamp(0, i64::from(u16::MAX)) as u16,
        )
    }
}

impl Put for Day {
    const TYPE: &'static str = "Date";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
}

/// Seen from the pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(i8)]
pub enum Direction {
    /// Pile to platform.
    #[default]
    Up = 1,
    /// Platform to pile.
    Down = 2,
}

impl Put for Direction {
    const TYPE: &'static str = "Enum8('up' = 1, 'down' = 2)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (*self as i8).put(out);
    }
}

table_row! {
    crate::Table::TrafficDaily;
    /// An increment of one counter.
    pub struct TrafficDaily<'a> {
        /// Shanghai's day.
        pub day: Day,
        /// The pile.
        pub device_id: u64,
        /// 命令; empty where it could not be read.
        pub command: &'a str,
        /// Up or down.
        pub direction: Direction,
        /// Messages since the last increment.
        pub messages: u64,
        /// Bytes since the last increment: topic and payload, as the SIM counts them without TCP/IP overhead.
        pub bytes: u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_shanghai() {
        assert_eq!(Day::of(0), Day(0));
        assert_eq!(Day::of(16 * 3_600_000 - 1), Day(0));
        assert_eq!(Day::of(16 * 3_600_000), Day(1));
    }
}
