//! A TCU's factory serial number, which becomes a level of a topic.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longer ones are slips, and would be long topics.
const LONGEST: usize = 64;

/// A serial number that may stand in a topic: no wildcard, no slash, nothing invisible.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Serial(String);

/// Why a text is no serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Nothing there.
    #[error("出厂编号不能为空")]
    Empty,
    /// Over the limit.
    #[error("出厂编号不能超过{LONGEST}字节")]
    TooLong,
    /// It cannot stand in a topic.
    #[error("出厂编号不能包含 {0:?}")]
    Character(char),
}

impl Serial {
    /// Takes the text without blanks around it.
    ///
    /// # Errors
    /// [`SerialError`], with the text that a pile or a person is told.
    pub fn parse(text: &str) -> Result<Self, SerialError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SerialError::Empty);
        }
        if text.len() > LONGEST {
            return Err(SerialError::TooLong);
        }
        match text.chars().find(|c| !may_stand_in_a_topic(*c)) {
            Some(bad) => Err(SerialError::Character(bad)),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Also refuses what looks like nothing on the screen, `$` (the broker's own topics) and U+FFFD, which stands
/// where bytes could not be read: two garbled numbers would be taken for one.
fn may_stand_in_a_topic(c: char) -> bool {
    !(matches!(
        c,
        '+' | '#' | '/' | '$' | '\\' | '"' | '\'' | '\u{FFFD}' | '\u{FEFF}'
    ) || c.is_control()
        || c.is_whitespace()
        || ('\u{200B}'..='\u{200F}').contains(&c)
        || ('\u{202A}'..='\u{202E}').contains(&c))
}

impl TryFrom<String> for Serial {
    type Error = SerialError;

    fn try_from(text: String) -> Result<Self, SerialError> {
        Self::parse(&text)
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_factories_print_is_taken() {
        for good in ["SN0001", "DC-120_2025.07:001", "桩2025", " SN1 "] {
            assert_eq!(Serial::parse(good).unwrap().as_str(), good.trim());
        }
    }

    #[test]
    fn what_cannot_be_a_level_of_a_topic_is_refused() {
        assert_eq!(Serial::parse("  "), Err(SerialError::Empty));
        assert_eq!(Serial::parse(&"9".repeat(65)), Err(SerialError::TooLong));
        for bad in ['+', '#', '/', '$', ' ', '\0', '\n', '\u{202E}', '\u{FFFD}'] {
            let text = format!("SN{bad}1");
            assert_eq!(Serial::parse(&text), Err(SerialError::Character(bad)));
        }
    }
}
