//! What piles did because they were told to: files fetched and sent, updates, restarts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use ahash::RandomState;
use serde::Serialize;

use super::stats::lock;
use crate::pile::fault::Fault;
use crate::pile::output::Deed;

/// How often piles did what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Downloads begun.
    pub downloads_begun: u64,
    /// Files fetched and found right.
    pub downloads: u64,
    /// Bytes of those.
    pub download_bytes: u64,
    /// Of those, taken up again after a break.
    pub downloads_resumed: u64,
    /// Downloads that failed, by 失败原因.
    pub download_failures: BTreeMap<String, u64>,
    /// Packages applied.
    pub updates: u64,
    /// Packages applied by one pile, at most.
    pub most_updates_of_one_pile: u32,
    /// Piles by the version of their last update.
    pub updated_to: BTreeMap<String, u64>,
    /// Restarts, those of updates among them.
    pub restarts: u64,
    /// Logs begun.
    pub logs_begun: u64,
    /// Logs sent.
    pub logs: u64,
    /// Bytes of those.
    pub log_bytes: u64,
    /// Logs that failed, by 失败原因.
    pub log_failures: BTreeMap<String, u64>,
    /// Piles with a fault, by its name.
    pub faulty: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Inner {
    done: Done,
    /// By pile: how many updates, and the last one's version.
    updated: HashMap<u32, (u32, String), RandomState>,
}

/// Counts them.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    inner: Mutex<Inner>,
}

impl Deeds {
    pub(crate) fn count(&self, pile: u32, deed: Deed) {
        let mut inner = lock(&self.inner);
        let done = &mut inner.done;
        match deed {
            Deed::DownloadBegun => done.downloads_begun += 1,
            Deed::Downloaded { bytes, resumed } => {
                done.downloads += 1;
                done.download_bytes += bytes;
                done.downloads_resumed += u64::from(resumed > 0);
            }
            Deed::DownloadFailed(reason) => *done.download_failures.entry(reason).or_default() += 1,
            Deed::Restarted => done.restarts += 1,
            Deed::LogBegun => done.logs_begun += 1,
            Deed::LogStored(bytes) => {
                done.logs += 1;
                done.log_bytes += bytes;
            }
            Deed::LogFailed(reason) => *done.log_failures.entry(reason).or_default() += 1,
            Deed::Updated(version) => {
                done.updates += 1;
                let updated = inner.updated.entry(pile).or_default();
                updated.0 += 1;
                updated.1 = version;
            }
        }
    }

    /// A pile of the fleet has this fault.
    pub(crate) fn count_fault(&self, fault: Fault) {
        *lock(&self.inner).done.faulty.entry(fault.name()).or_default() += 1;
    }

    pub(crate) fn done(&self) -> Done {
        let inner = lock(&self.inner);
        let mut done = inner.done.clone();
        for (updates, version) in inner.updated.values() {
            *done.updated_to.entry(version.clone()).or_default() += 1;
            done.most_updates_of_one_pile = done.most_updates_of_one_pile.max(*updates);
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_that_was_updated_twice_shows() {
        let deeds = Deeds::default();
        for (pile, version) in [(1, "V2"), (2, "V2"), (1, "V3")] {
            deeds.count(pile, Deed::Updated(version.to_owned()));
        }
        let done = deeds.done();
        assert_eq!((done.updates, done.most_updates_of_one_pile), (3, 2));
        assert_eq!(
            done.updated_to,
            BTreeMap::from([("V2".to_owned(), 1), ("V3".to_owned(), 1)])
        );
    }
}
