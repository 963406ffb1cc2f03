//! What was refused a moment ago, so that the same question in a storm does not go to ClickHouse again.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use ahash::{HashSet, HashSetExt};

/// A refusal is remembered for one to two of these. Short: the account may be made the next moment.
const GENERATION: Duration = Duration::from_secs(1);
/// Remembered at most, in each of two generations.
const MOST: usize = 65_536;

/// Names with the passwords that were tried, as hashes only: a fresh password is always looked up.
#[derive(Debug)]
pub(super) struct Recent {
    hasher: RandomState,
    young: HashSet<u64>,
    old: HashSet<u64>,
    since: Instant,
}

impl Recent {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            hasher: RandomState::new(),
            young: HashSet::new(),
            old: HashSet::new(),
            since: now,
        }
    }

    pub(super) fn contains(&mut self, name: &str, password: &str, now: Instant) -> bool {
        self.age(now);
        let key = self.hasher.hash_one((name, password));
        self.young.contains(&key) || self.old.contains(&key)
    }

    pub(super) fn insert(&mut self, name: &str, password: &str, now: Instant) {
        self.age(now);
        self.young.insert(self.hasher.hash_one((name, password)));
    }

    fn age(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        if passed >= 2 * GENERATION {
            self.old.clear();
            self.young.clear();
        } else if passed >= GENERATION || self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        } else {
            return;
        }
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_remembered_briefly_and_only_for_that_password() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        recent.insert("AAAAAAAB", "old", start);
        assert!(recent.contains("AAAAAAAB", "old", start));
        assert!(!recent.contains("AAAAAAAB", "new", start));
        assert!(!recent.contains("AAAAAAAC", "old", start));
        assert!(recent.contains("AAAAAAAB", "old", start + GENERATION));
        assert!(!recent.contains("AAAAAAAB", "old", start + 2 * GENERATION));
        recent.insert("AAAAAAAB", "old", start + 2 * GENERATION);
        assert!(!recent.contains("AAAAAAAB", "old", start + 9 * GENERATION));
    }

    #[test]
    fn memory_is_bounded() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        for n in 0..3 * MOST {
            recent.insert(&n.to_string(), "", start);
        }
        assert!(recent.young.len() <= MOST && recent.old.len() <= MOST);
    }
}
