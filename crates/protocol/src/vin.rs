//! `车辆VIN码`: raw bytes read from a vehicle, which may be anything.

use std::borrow::Cow;

/// A vehicle identification as the pile read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vin<'a> {
    /// The readable part: no control characters, white space or replacement characters. May be empty.
    pub text: Cow<'a, str>,
    /// The bytes on the wire in hex, kept when they were anything but plain ASCII letters and digits.
    pub raw_hex: Option<String>,
}

impl<'a> Vin<'a> {
    /// The same unless it is empty or all padding, which is 'absent'.
    pub(crate) fn read(text: Cow<'a, str>, raw: Option<&[u8]>) -> Option<Self> {
        let sent = !trim(raw.unwrap_or(text.as_bytes())).is_empty();
        sent.then(|| Self::new(text, raw))
    }

    /// Cleans a decoded text; `raw` are its bytes on the wire where they differ from the text's.
    pub(crate) fn new(text: Cow<'a, str>, raw: Option<&[u8]>) -> Self {
        let bytes = raw.unwrap_or(text.as_bytes());
        if trim(bytes).iter().all(u8::is_ascii_alphanumeric) {
            return Self {
                text: trim_text(text),
                raw_hex: None,
            };
        }
        let raw_hex = Some(hex::encode(bytes));
        let text = if text.chars().all(is_readable) {
            text
        } else {
            Cow::Owned(text.chars().filter(|c| is_readable(*c)).collect())
        };
        Self { text, raw_hex }
    }
}

/// Without the padding of a fixed-length field.
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | 0, rest @ ..] | [rest @ .., b' ' | 0] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim_text(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches([' ', '\0'])),
        Cow::Owned(text) => Cow::Owned(text.trim_matches([' ', '\0']).to_owned()),
    }
}

fn is_readable(c: char) -> bool {
    !c.is_control() && !c.is_whitespace() && c != char::REPLACEMENT_CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_vin_costs_nothing() {
        let vin = Vin::new("LGXC16DF4A0000001".into(), None);
        assert_eq!(
            vin,
            Vin {
                text: Cow::Borrowed("LGXC16DF4A0000001"),
                raw_hex: None
            }
        );
        assert!(matches!(vin.text, Cow::Borrowed(_)));
    }

    #[test]
    fn a_damaged_vin_keeps_its_bytes() {
        let vin = Vin::new("LGX\u{fffd}\u{1} 1".into(), Some(b"LGX\xff\x01 1"));
        assert_eq!(
            vin,
            Vin {
                text: "LGX1".into(),
                raw_hex: Some("4c4758ff012031".to_owned())
            }
        );
    }

    #[test]
    fn erased_flash_leaves_an_empty_text() {
        let vin = Vin::new("\u{fffd}\u{fffd}".into(), Some(b"\xff\xff"));
        assert_eq!(
            vin,
            Vin {
                text: "".into(),
                raw_hex: Some("ffff".to_owned())
            }
        );
    }
}
