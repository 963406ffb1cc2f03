//! Settings that are right in shape and wrong in meaning: refused like the others, before anything starts.

use std::time::Duration;

use common::address::Address;
use common::config::checked::checked;
pub(super) use common::config::checked::{not_empty, not_zero, topic_level};
use common::config::{ByteSize, duration};
use serde::de::{Deserializer, Error};

/// Nodes that fit into a device id, without the one that the web servers use.
const NODES: u8 = 15;
/// What MQTT can say in its sixteen bits of seconds.
const KEEP_ALIVE: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(65_535);

pub(super) fn brokers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    // A link's number is a byte.
    let fits = |brokers: &Vec<Address>| (1..=255).contains(&brokers.len());
    checked(
        from,
        fits,
        "name at least one broker as host:port, and at most 255",
    )
}

pub(super) fn keep_alive<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let value = duration::deserialize(from)?;
    if KEEP_ALIVE.contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom("must be from 1s to 65535s"))
    }
}

pub(super) fn packet<'de, D: Deserializer<'de>>(from: D) -> Result<ByteSize, D::Error> {
    let enough = |size: &ByteSize| size.as_u64() > protocol::MAX_PAYLOAD as u64;
    checked(
        from,
        enough,
        "must be above 256KiB, the largest message that piles may send",
    )
}

pub(super) fn node<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    checked(
        from,
        |node| *node < NODES,
        "must be from 0 to 14: 15 is the web servers'",
    )
}
