//! Fresh device ids, without asking anybody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::message::AssetVersion;

/// Milliseconds from the Unix epoch to 2024-01-01 00:00 UTC, where the ids' clock starts.
const EPOCH_MS: u64 = 1_704_067_200_000;
const NODE_BITS: u32 = 4;
const SEQUENCE_BITS: u32 = 8;

/// Makes device ids from the clock, the node's number and a sequence: 41 + 4 + 8 bits, so below 2^53
/// until 2093. They need neither Redis nor ClickHouse, which may both be away when a new pile speaks.
#[derive(Debug)]
pub struct DeviceIds {
    node: u64,
    /// Clock and sequence of the last id.
    last: AtomicU64,
    /// Adopted since [`DeviceIds::take_adopted`] was last asked.
    adopted: Mutex<Vec<AssetVersion>>,
}

impl DeviceIds {
    /// Ids of node `node` (0…15; 15 is the web servers'), all above `largest`: the largest id known, so that a clock that
    /// was set back cannot make one twice.
    pub fn new(node: u8, largest: u64) -> Self {
        let node = u64::from(node) & ((1 << NODE_BITS) - 1);
        Self {
            node,
            last: AtomicU64::new(Self::ticks(largest)),
            adopted: Mutex::default(),
        }
    }

    /// Makes sure that no id up to `known` is made again.
    pub fn stay_above(&self, known: u64) {
        self.last.fetch_max(Self::ticks(known), Ordering::Relaxed);
    }

    /// A device id that nobody has had. `now` is Unix milliseconds.
    pub fn next(&self, now: i64) -> u64 {
        let clock = u64::try_from(now).unwrap_or(0).saturating_sub(EPOCH_MS) << SEQUENCE_BITS;
        let step = |last: u64| Some((last + 1).max(clock));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        let ticks = (last.unwrap_or_else(|same| same) + 1).max(clock);
        let (clock, sequence) = (ticks >> SEQUENCE_BITS, ticks & ((1 << SEQUENCE_BITS) - 1));
        (clock << (NODE_BITS + SEQUENCE_BITS)) | (self.node << SEQUENCE_BITS) | sequence
    }

    /// Notes that an asset was made for a pile.
    pub fn adopted(&self, asset: AssetVersion) {
        self.adopted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asset);
    }

    /// The assets made since this was last asked: the database may get them much later.
    pub fn take_adopted(&self) -> Vec<AssetVersion> {
        std::mem::take(&mut self.adopted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ticks(id: u64) -> u64 {
        let sequence = id & ((1 << SEQUENCE_BITS) - 1);
        (id >> (NODE_BITS + SEQUENCE_BITS) << SEQUENCE_BITS) | sequence
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    #[test]
    fn ids_are_distinct_within_a_millisecond_and_between_nodes() {
        let (a, b) = (DeviceIds::new(0, 0), DeviceIds::new(1, 0));
        let mut seen = HashSet::new();
        for n in 0..5000 {
            assert!(seen.insert(a.next(NOW)), "node 0, id {n}");
            assert!(seen.insert(b.next(NOW)), "node 1, id {n}");
        }
        assert!(seen.iter().all(|id| *id < 1 << 53));
    }

    #[test]
    fn a_clock_set_back_does_not_repeat_an_id() {
        let largest = DeviceIds::new(3, 0).next(NOW);
        let after = DeviceIds::new(3, largest);
        assert!(after.next(NOW - 86_400_000) > largest);
    }

    #[test]
    fn ids_stay_above_what_becomes_known_later() {
        let ids = DeviceIds::new(0, 0);
        let known = DeviceIds::new(0, 0).next(NOW + 10_000);
        ids.stay_above(known);
        assert!(ids.next(NOW) > known);
    }
}
