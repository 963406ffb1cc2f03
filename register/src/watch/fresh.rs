//! Rows that are read again, told from those that are new.
//!
//! Logins reach the database a little out of order and some time after they were received, so every read begins
//! before the end of the last one.

use std::hash::Hash;

use ahash::{HashSet, HashSetExt, RandomState};

/// Rows remembered at most, in each of two generations; well above what comes within the overlap of two reads.
const REMEMBERED: usize = 524_288;

/// Remembers the identities of rows, bounded: of those beyond twice the most, the oldest are forgotten.
#[derive(Debug)]
pub struct Fresh {
    hasher: RandomState,
    most: usize,
    young: HashSet<u64>,
    old: HashSet<u64>,
}

impl Default for Fresh {
    fn default() -> Self {
        Self::remembering(REMEMBERED)
    }
}

impl Fresh {
    /// Remembers at least this many.
    pub fn remembering(most: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            most: most.max(1),
            young: HashSet::new(),
            old: HashSet::new(),
        }
    }

    /// Whether this identity was not there before; from now on it was.
    pub fn is_new(&mut self, identity: &impl Hash) -> bool {
        let hash = self.hasher.hash_one(identity);
        if self.young.contains(&hash) {
            return false;
        }
        let known = self.old.contains(&hash);
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash);
        !known
    }

    /// Forgets one, so that it counts as new once more.
    pub fn forget(&mut self, identity: &impl Hash) {
        let hash = self.hasher.hash_one(identity);
        self.young.remove(&hash);
        self.old.remove(&hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_again_is_not_new() {
        let mut fresh = Fresh::default();
        assert!(fresh.is_new(&("SN1", 5)));
        assert!(!fresh.is_new(&("SN1", 5)));
        assert!(fresh.is_new(&("SN1", 6)));
        fresh.forget(&("SN1", 5));
        assert!(fresh.is_new(&("SN1", 5)));
    }

    #[test]
    fn what_is_read_again_and_again_stays_known_and_the_rest_goes() {
        let mut fresh = Fresh::remembering(10);
        fresh.is_new(&"stays");
        for n in 0..1000 {
            fresh.is_new(&n);
            assert!(!fresh.is_new(&"stays"), "{n}");
            assert!(fresh.young.len() + fresh.old.len() <= 20);
        }
        assert!(fresh.is_new(&0), "long forgotten");
    }
}
