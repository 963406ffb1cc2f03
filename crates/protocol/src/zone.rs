//! `数据分区`: which part of the pile a message is about.

use std::borrow::Cow;

/// A data zone, `1枪数据`, `2枪数据`, … or `桩数据`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone<'a> {
    /// The zone as sent.
    pub text: Cow<'a, str>,
    /// Its gun: the leading number, 0 for the pile itself, `None` when the text says neither.
    pub gun: Option<u8>,
}

impl<'a> Zone<'a> {
    /// Understands any text as a zone.
    pub fn new(text: Cow<'a, str>) -> Self {
        let gun = gun_of_zone(&text);
        Self { text, gun }
    }
}

/// The gun number of a zone's name: its leading number, or 0 for `桩…`.
pub(crate) fn gun_of_zone(text: &str) -> Option<u8> {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => text.starts_with('桩').then_some(0),
        _ => text[..digits].parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guns() {
        let cases = [
            ("1枪数据", Some(1)),
            ("12枪数据", Some(12)),
            ("02枪数据", Some(2)),
            (" 2枪", Some(2)),
            ("3", Some(3)),
            ("桩数据", Some(0)),
            ("桩", Some(0)),
            ("", None),
            ("枪数据", None),
            ("300枪数据", None),
        ];
        for (text, gun) in cases {
            assert_eq!(gun_of_zone(text), gun, "{text}");
        }
    }
}
