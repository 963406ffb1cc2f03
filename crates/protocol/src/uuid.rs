//! The eight letters that name a TCU: a counter in base 26, `A` = 0, most significant letter first.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const LETTERS: usize = 8;
/// 26⁸, one more than the largest counter that eight letters can carry.
const LIMIT: u64 = 208_827_064_576;

/// A TCU's name on the wire, for example `AAAAAMWY` (= 8708). Ordered like its counter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(u64);

/// Why a text is not a uuid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UuidError {
    /// Not eight bytes long.
    #[error("a uuid has 8 letters, this has {0} bytes")]
    Length(usize),
    /// A byte that is not a capital letter.
    #[error("a uuid has capital letters only, byte {0} is not one")]
    Letter(usize),
}

impl Uuid {
    /// Reads eight capital letters.
    pub fn parse(text: &str) -> Result<Self, UuidError> {
        let bytes: [u8; LETTERS] = text
            .as_bytes()
            .try_into()
            .map_err(|_| UuidError::Length(text.len()))?;
        let mut counter = 0;
        for (at, byte) in bytes.into_iter().enumerate() {
            if !byte.is_ascii_uppercase() {
                return Err(UuidError::Letter(at));
            }
            counter = counter * 26 + u64::from(byte - b'A');
        }
        Ok(Self(counter))
    }

    /// The uuid with this counter; `None` beyond `ZZZZZZZZ`.
    pub const fn from_counter(counter: u64) -> Option<Self> {
        if counter < LIMIT {
            Some(Self(counter))
        } else {
            None
        }
    }

    /// The counter behind the letters.
    pub const fn counter(self) -> u64 {
        self.0
    }

    /// The letters, without allocating.
    pub fn letters(self) -> [u8; LETTERS] {
        let mut letters = [b'A'; LETTERS];
        let mut rest = self.0;
        for letter in letters.iter_mut().rev() {
            *letter += (rest % 26) as u8;
            rest /= 26;
        }
        letters
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.letters();
        f.pad(std::str::from_utf8(&letters).expect("letters are ASCII"))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uuid({self})")
    }
}

impl FromStr for Uuid {
    type Err = UuidError;

    fn from_str(text: &str) -> Result<Self, UuidError> {
        Self::parse(text)
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_field_s_example() {
        assert_eq!(Uuid::parse("AAAAAMWY").map(Uuid::counter), Ok(8708));
        assert_eq!(
            Uuid::from_counter(8708).map(|uuid| uuid.to_string()),
            Some("AAAAAMWY".to_owned())
        );
    }

    #[test]
    fn both_ends_of_the_range() {
        assert_eq!(
            Uuid::from_counter(0).map(|uuid| uuid.to_string()),
            Some("AAAAAAAA".to_owned())
        );
        assert_eq!(Uuid::parse("ZZZZZZZZ").map(Uuid::counter), Ok(LIMIT - 1));
        assert_eq!(Uuid::from_counter(LIMIT), None);
    }

    #[test]
    fn what_is_not_a_uuid() {
        assert_eq!(Uuid::parse(""), Err(UuidError::Length(0)));
        assert_eq!(Uuid::parse("AAAAAAAAA"), Err(UuidError::Length(9)));
        assert_eq!(Uuid::parse("AAAAaAAA"), Err(UuidError::Letter(4)));
        assert_eq!(Uuid::parse("桩桩AA"), Err(UuidError::Letter(0)));
    }

    proptest! {
        #[test]
        fn letters_and_counter_agree(counter in 0..LIMIT, other in 0..LIMIT) {
            let uuid = Uuid::from_counter(counter).unwrap();
            prop_assert_eq!(Uuid::parse(&uuid.to_string()), Ok(uuid));
            let second = Uuid::from_counter(other).unwrap();
            prop_assert_eq!(uuid.cmp(&second), uuid.to_string().cmp(&second.to_string()));
        }
    }
}
