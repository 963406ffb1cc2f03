//! Decimal numbers as thousandths: what piles measure has three decimals, and money must not be a float.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A decimal number × 1000, rounded half away from zero: `239.977` V is `Milli(239_977)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milli(pub i64);

impl Milli {
    /// Reads a decimal number in any form a pile writes one: `1`, `-1.25`, `+.5`, `2.`, `1e3`.
    pub fn parse(text: &str) -> Option<Self> {
        parse_scaled(text, 3).map(Self)
    }
}

impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:03}", magnitude / 1000, magnitude % 1000)
    }
}

/// A decimal number × 10^`decimals`, rounded; `None` for what is no number or does not fit.
pub(crate) fn parse_scaled(text: &str, decimals: i32) -> Option<i64> {
    let bytes = text.as_bytes();
    let (negative, mut at) = match bytes.first()? {
        b'-' => (true, 1),
        b'+' => (false, 1),
        _ => (false, 0),
    };
    let mut digits = Digits::default();
    at += digits.take(&bytes[at..]);
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        fraction = digits.take(&bytes[at..]);
        at += fraction;
    }
    if !digits.any {
        return None;
    }
    let exponent = match bytes.get(at) {
        None => 0,
        Some(b'e' | b'E') => text.get(at + 1..)?.parse::<i32>().ok()?.clamp(-100_000, 100_000),
        Some(_) => return None,
    };
    // A payload is at most 256 KiB, so neither count comes near the range of i32.
    let shift = decimals + exponent + digits.dropped as i32 - fraction as i32;
    let magnitude = scale(digits.value, shift)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// The leading digits as a number, and how many more there were than it can hold.
#[derive(Default)]
struct Digits {
    value: u64,
    dropped: usize,
    any: bool,
}

impl Digits {
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        for byte in bytes {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            // Beyond 19 digits nothing that is left can change the thousandths of a number that fits.
            if self.value < 1_000_000_000_000_000_000 {
                self.value = self.value * 10 + u64::from(digit);
            } else {
                self.dropped += 1;
            }
            count += 1;
        }
        self.any |= count > 0;
        count
    }
}

/// `value` × 10^`shift`, rounded half up.
fn scale(value: u64, shift: i32) -> Option<i64> {
    const POWERS: [u64; 19] = {
        let mut powers = [1; 19];
        let mut at = 1;
        while at < 19 {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    if value == 0 {
        return Some(0);
    }
    let power = POWERS.get(usize::try_from(shift.unsigned_abs()).ok()?);
    match power {
        Some(power) if shift >= 0 => i64::try_from(value.checked_mul(*power)?).ok(),
        Some(power) => i64::try_from((value + power / 2) / power).ok(),
        None if shift < 0 => Some(0),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        let cases = [
            ("239.977", Some(239_977)),
            ("0", Some(0)),
            ("-0.002", Some(-2)),
            ("+1", Some(1000)),
            (".5", Some(500)),
            ("5.", Some(5000)),
            ("007", Some(7000)),
            ("1e3", Some(1_000_000)),
            ("1.5E-1", Some(150)),
            ("1e-400", Some(0)),
            ("0e400", Some(0)),
            ("0.0005", Some(1)),
            ("0.00049", Some(0)),
            ("1.00000000000000000000001", Some(1000)),
            ("9223372036854775.807", Some(i64::MAX)),
            ("9223372036854775.808", None),
            ("99999999999999999999999", None),
            ("1e400", None),
            ("", None),
            (".", None),
            ("-", None),
            ("1,5", None),
            ("1.2.3", None),
            ("12V", None),
            ("1e", None),
            ("nan", None),
            ("１", None),
        ];
        for (text, thousandths) in cases {
            assert_eq!(Milli::parse(text), thousandths.map(Milli), "{text}");
        }
    }

    proptest! {
        #[test]
        fn shown_and_read_again(thousandths in any::<i64>().prop_filter("no magnitude", |n| *n != i64::MIN)) {
            prop_assert_eq!(Milli::parse(&Milli(thousandths).to_string()), Some(Milli(thousandths)));
        }

        #[test]
        fn agrees_with_floats(number in -1e9..1e9_f64) {
            let read = Milli::parse(&number.to_string()).unwrap();
            prop_assert!((read.0 as f64 / 1000.0 - number).abs() <= 0.000_501);
        }

        #[test]
        fn any_text_is_a_number_or_none(text in "[-+0-9.eE]{0,40}") {
            let _ = Milli::parse(&text);
        }
    }
}
