//! Settings that are right in shape and wrong in meaning: refused like the others, before anything starts.

use std::time::Duration;

use common::address::Address;
use common::config::checked::checked;
pub(super) use common::config::checked::{not_empty, not_zero, topic_level};
use common::config::duration;
use serde::de::{Deserializer, Error};

pub(super) fn brokers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    checked(
        from,
        |brokers: &Vec<Address>| !brokers.is_empty(),
        "name at least one broker as host:port",
    )
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
