//! The pile's clock: `YYYY-MM-DD HH:MM:SS+0800` on the wire, Unix milliseconds everywhere else.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A time that a pile wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PileTime {
    /// Milliseconds since 1970-01-01 UTC.
    pub ms: i64,
}

impl Serialize for PileTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format(self.ms))
    }
}

impl<'de> Deserialize<'de> for PileTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| de::Error::custom("not a time of the form YYYY-MM-DD HH:MM:SS+0800"))
    }
}

/// A pile clock that is further off than this is not used for ordering.
pub const SKEW_LIMIT_MS: i64 = 24 * 3600 * 1000;

const DAY_MS: i64 = 24 * 3600 * 1000;
const MINUTE_MS: i64 = 60 * 1000;
/// Shanghai, all year.
const LOCAL_OFFSET_MINUTES: i64 = 8 * 60;

impl std::fmt::Display for PileTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&format(self.ms))
    }
}

/// True when a pile's clock is more than 24 hours off the time of receipt.
pub const fn is_skewed(pile_ms: i64, recv_ms: i64) -> bool {
    pile_ms.abs_diff(recv_ms) > SKEW_LIMIT_MS.unsigned_abs()
}

/// Reads a time with the offset `+0800`, `+08:00`, `+08`, `Z` or none (then UTC+8), with or without a
/// fraction of a second, `T` or spaces before the hour, `-` or `/` in the date, one or two digits a part.
pub fn parse(text: &str) -> Option<PileTime> {
    let mut scan = Scan {
        bytes: text.trim_ascii().as_bytes(),
    };
    let year = scan.number(4, 4)?;
    let separator = scan.one_of(b"-/")?;
    let month = scan.number(1, 2)?;
    scan.one_of(&[separator])?;
    let day = scan.number(1, 2)?;
    scan.one_of(b" Tt")?;
    while scan.one_of(b" ").is_some() {}
    let hour = scan.number(1, 2)?;
    scan.one_of(b":")?;
    let minute = scan.number(1, 2)?;
    let second = if scan.one_of(b":").is_some() {
        scan.number(1, 2)?
    } else {
        0
    };
    let millis = if scan.one_of(b".,").is_some() {
        scan.fraction()?
    } else {
        0
    };
    let offset = scan.offset()?;
    // 60 is a leap second, or a clock chip's slip; it is the next second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_epoch(year, month, day)?;
    let minutes = hour * 60 + minute - offset;
    Some(PileTime {
        ms: days * DAY_MS + minutes * MINUTE_MS + second * 1000 + millis,
    })
}

/// Writes a time as piles do, in Shanghai's offset; years beyond four digits are cut to the nearest.
pub fn format(ms: i64) -> String {
    const FIRST: i64 = -62_167_219_200_000;
    const LAST: i64 = 253_402_300_799_999 - LOCAL_OFFSET_MINUTES * MINUTE_MS;
    let local = ms.clamp(FIRST, LAST) + LOCAL_OFFSET_MINUTES * MINUTE_MS;
    let (year, month, day) = date_of_day(local.div_euclid(DAY_MS));
    let second = local.rem_euclid(DAY_MS) / 1000;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}+0800")
}

/// Days from 1970-01-01 in the Gregorian calendar; `None` for a date that does not exist.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // The year starts in March here, so that the leap day is its last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// The inverse of [`days_since_epoch`].
fn date_of_day(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = days.div_euclid(146_097) * 400 + year_of_era;
    if month < 10 {
        (year, month + 3, day)
    } else {
        (year + 1, month - 9, day)
    }
}

/// The rest of a text, taken from the front.
struct Scan<'a> {
    bytes: &'a [u8],
}

impl Scan<'_> {
    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        set.contains(first).then(|| {
            self.bytes = rest;
            *first
        })
    }

    fn digit(&mut self) -> Option<i64> {
        let (first, rest) = self.bytes.split_first()?;
        first.is_ascii_digit().then(|| {
            self.bytes = rest;
            i64::from(first - b'0')
        })
    }

    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut number = 0;
        for taken in 0..most {
            match self.digit() {
                Some(digit) => number = number * 10 + digit,
                None if taken >= least => break,
                None => return None,
            }
        }
        Some(number)
    }

    /// Milliseconds; digits beyond the third are dropped.
    fn fraction(&mut self) -> Option<i64> {
        let mut millis = self.digit()? * 100;
        for weight in [10, 1] {
            millis += self.digit().unwrap_or(0) * weight;
        }
        while self.digit().is_some() {}
        Some(millis)
    }

    /// Minutes east of Greenwich, at the end of the text.
    fn offset(&mut self) -> Option<i64> {
        while self.one_of(b" ").is_some() {}
        if self.bytes.is_empty() {
            return Some(LOCAL_OFFSET_MINUTES);
        }
        let minutes = match self.one_of(b"+-Zz")? {
            sign @ (b'+' | b'-') => {
                let hours = self.number(2, 2)?;
                self.one_of(b":");
                let minutes = if self.bytes.is_empty() {
                    0
                } else {
                    self.number(2, 2)?
                };
                if hours > 14 || minutes > 59 {
                    return None;
                }
                if sign == b'-' {
                    -(hours * 60 + minutes)
                } else {
                    hours * 60 + minutes
                }
            }
            _ => 0,
        };
        self.bytes.is_empty().then_some(minutes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: i64 = 1_741_778_206_000;

    #[test]
    fn all_forms_of_one_instant() {
        for text in [
            "2025-03-12 19:16:46+0800",
            "2025-03-12 19:16:46+08:00",
            "2025-03-12 19:16:46 +0800",
            "2025-03-12 19:16:46+08",
            "2025-03-12T19:16:46",
            "2025-03-12 19:16:46",
            "2025/3/12  19:16:46",
            "2025-03-12 11:16:46Z",
            "2025-03-12T11:16:46z",
            "2025-03-12 04:16:46-0700",
            " 2025-03-12 19:16:46+0800 ",
            "2025-03-12 19:15:60+0800",
        ] {
            let expected = if text.contains(":60") {
                SAMPLE - 46_000
            } else {
                SAMPLE
            };
            assert_eq!(parse(text), Some(PileTime { ms: expected }), "{text}");
        }
    }

    #[test]
    fn fractions() {
        for (text, millis) in [
            ("46.5+0800", 500),
            ("46.123456Z", 123),
            ("46,05", 50),
            ("46.000000001+08:00", 0),
        ] {
            let read = parse(&format!("2025-03-12 19:16:{text}")).unwrap();
            assert_eq!(read.ms.rem_euclid(1000), millis, "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "0000-00-00 00:00:00",
            "2025-02-29 00:00:00",
            "2025-13-01 00:00:00",
            "2025-01-01 24:00:00",
            "2025-01-01 00:60:00",
            "2025-01-01",
            "25-01-01 00:00:00",
            "2025-01/01 00:00:00",
            "2025-01-01 00:00:00+99:00",
            "2025-01-01 00:00:00+08000",
            "2025-01-01 00:00:00x",
            "2025-01-01 00:00:00.",
            "桩",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn shown_as_in_the_field() {
        assert_eq!(format(SAMPLE), "2025-03-12 19:16:46+0800");
        assert_eq!(format(0), "1970-01-01 08:00:00+0800");
        assert_eq!(
            parse("2024-02-29 23:59:59+0800")
                .map(|time| format(time.ms))
                .as_deref(),
            Some("2024-02-29 23:59:59+0800")
        );
        assert_eq!(format(i64::MAX), "9999-12-31 23:59:59+0800");
        assert_eq!(
            parse(&format(i64::MIN)).map(|time| format(time.ms)),
            Some(format(i64::MIN))
        );
    }

    #[test]
    fn skew_is_more_than_a_day_either_way() {
        assert!(!is_skewed(SAMPLE, SAMPLE + SKEW_LIMIT_MS));
        assert!(is_skewed(SAMPLE, SAMPLE + SKEW_LIMIT_MS + 1));
        assert!(is_skewed(SAMPLE, SAMPLE - SKEW_LIMIT_MS - 1));
        assert!(is_skewed(i64::MIN, i64::MAX));
    }

    proptest! {
        #[test]
        fn seconds_round_trip(second in -62_167_219_200_i64..253_402_271_999) {
            prop_assert_eq!(parse(&format(second * 1000)), Some(PileTime { ms: second * 1000 }));
        }

        #[test]
        fn any_text_is_a_time_or_none(text in "[0-9TZ:+./ -]{0,30}") {
            let _ = parse(&text);
        }
    }
}
