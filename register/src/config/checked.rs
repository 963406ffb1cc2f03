//! Settings that are right in shape and wrong in meaning: refused like the others, before anything starts.

use std::time::Duration;

use common::address::Address;
use common::config::duration;
use serde::de::{Deserialize, Deserializer, Error};

/// Refuses what `holds` does not hold for.
fn checked<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
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

pub(super) fn brokers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    checked(
        from,
        |brokers: &Vec<Address>| !brokers.is_empty(),
        "name at least one broker as host:port",
    )
}

pub(super) fn not_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    checked(from, |text: &String| !text.trim().is_empty(), "must not be empty")
}

pub(super) fn topic_level<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let one = |text: &String| !text.is_empty() && !text.contains(['/', '+', '#', '\0']);
    checked(
        from,
        one,
        "must be one level of a topic: not empty, without / + #",
    )
}

pub(super) fn not_zero<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default + PartialEq>(
    from: D,
) -> Result<T, D::Error> {
    checked(from, |value: &T| *value != T::default(), "must be above zero")
}

pub(super) fn a_second_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let value: Duration = duration::deserialize(from)?;
    if value >= Duration::from_secs(1) {
        Ok(value)
    } else {
        Err(D::Error::custom("must be at least a second"))
    }
}

pub(super) fn client_id_pattern<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let once = |text: &String| text.matches("{uuid}").count() == 1;
    checked(
        from,
        once,
        "must contain {uuid} once, with whatever stands before and after it",
    )
}
