//! Reading what people write by hand: numbers as strings, strings as numbers, `null` and empty as default.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Null(()),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Null(()) => String::new(),
        }
    }
}

/// A number, as itself or as a string.
pub(crate) fn number<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: FromStr<Err: Display> + Default,
{
    let text = Scalar::deserialize(deserializer)?.into_text();
    match text.trim() {
        "" => Ok(N::default()),
        digits => digits.parse().map_err(de::Error::custom),
    }
}

/// A text, as itself or as a number.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.into_text())
}

/// A list of texts; a single one counts as a list, nothing as an empty one.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List {
        Many(Vec<Scalar>),
        One(Scalar),
    }
    Ok(match List::deserialize(deserializer)? {
        List::Many(list) => list.into_iter().map(Scalar::into_text).collect(),
        List::One(one) => Some(one.into_text())
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect(),
    })
}
