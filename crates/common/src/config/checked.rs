//! Settings that are right in shape and may be wrong in meaning: refused with the rest of the configuration,
//! before anything starts. For `#[serde(deserialize_with = "checked::…")]`.

use serde::de::{Deserialize, Deserializer, Error};

/// A value for which `holds` holds; the error is `otherwise`.
///
/// # Errors
/// The deserializer's own, or `otherwise`.
pub fn checked<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
    holds: impl FnOnce(&T) -> bool,
    otherwise: &str,
) -> Result<T, D::Error> {
    let value = T::deserialize(from)?;
    if holds(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(otherwise))
    }
}

/// A text that is not blank.
///
/// # Errors
/// As [`checked`].
pub fn not_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    checked(from, |text: &String| !text.trim().is_empty(), "must not be empty")
}

/// A number, or a size, above zero.
///
/// # Errors
/// As [`checked`].
pub fn not_zero<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    checked(from, |value| *value != T::default(), "must be above 0")
}

/// One level of an MQTT topic.
///
/// # Errors
/// As [`checked`].
pub fn topic_level<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let one = |text: &String| !text.is_empty() && !text.contains(['/', '+', '#', '\0']);
    checked(
        from,
        one,
        "must be one level of a topic: not empty, without / + #",
    )
}
