//! Which asset stands for which uuid, whatever the order in which changes become known.
//!
//! Of one asset the newest version counts. Of several live assets with one name, one stands for it: an asset that
//! staff have made or reviewed before one that was adopted, of those the one changed last; of adopted ones the
//! oldest. So a TCU that spoke under its new uuid before the swap was known here, and was adopted for it, still
//! becomes the pile that staff meant.

use std::cmp::Reverse;

use ahash::{HashMap, HashMapExt, HashSet};
use protocol::Uuid;

use crate::message::{Asset, AssetChange, AssetVersion};

/// The live assets with a uuid. 200,000 of them take about 10 MB.
#[derive(Debug, Default)]
pub struct Assets {
    live: HashMap<u64, Live>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Live {
    uuid: Uuid,
    dt_id: u64,
    version: i64,
    adopted: bool,
}

impl Assets {
    /// From all versions known at the start, deleted ones too, in any order.
    pub fn new(versions: &[AssetVersion]) -> Self {
        let mut assets = Self::default();
        for version in newest(versions) {
            assets.put(&version);
        }
        assets.live.shrink_to_fit();
        assets
    }

    /// Which asset stands for which uuid.
    pub fn standing(&self) -> Vec<Asset> {
        let standing = self.standing_for(|_| true);
        standing.into_values().collect()
    }

    /// Takes over newer versions; says for which uuids another asset stands now, or none.
    pub fn apply(&mut self, versions: &[AssetVersion]) -> Vec<AssetChange> {
        // An adoption and its end may come together.
        let mut news = newest(versions);
        news.retain(|version| self.is_news(version));
        if news.is_empty() {
            return Vec::new();
        }
        let before = news
            .iter()
            .filter_map(|v| Some(self.live.get(&v.device_id)?.uuid));
        let touched: HashSet<Uuid> = before.chain(news.iter().filter_map(|v| v.uuid)).collect();
        let before = self.standing_for(|uuid| touched.contains(&uuid));
        for version in &news {
            self.put(version);
        }
        let after = self.standing_for(|uuid| touched.contains(&uuid));
        let mut changes = Vec::new();
        for uuid in touched {
            match (before.get(&uuid), after.get(&uuid)) {
                (was, Some(is)) if was != Some(is) => changes.push(AssetChange::Stands(*is)),
                (Some(was), None) => changes.push(AssetChange::Gone(*was)),
                _ => {}
            }
        }
        changes
    }

    fn is_news(&self, version: &AssetVersion) -> bool {
        match self.live.get(&version.device_id) {
            None => version.uuid.is_some(),
            Some(known) => known.version <= version.version && Live::of(version) != Some(*known),
        }
    }

    fn put(&mut self, version: &AssetVersion) {
        match Live::of(version) {
            Some(live) => drop(self.live.insert(version.device_id, live)),
            None => drop(self.live.remove(&version.device_id)),
        }
    }

    /// One look at all: changes are rare, and a second index would cost as much memory again.
    fn standing_for(&self, wanted: impl Fn(Uuid) -> bool) -> HashMap<Uuid, Asset> {
        let mut standing: HashMap<Uuid, (u64, Live)> = HashMap::new();
        for (device_id, live) in self.live.iter().filter(|(_, live)| wanted(live.uuid)) {
            let best = standing.entry(live.uuid).or_insert((*device_id, *live));
            if live.rank(*device_id) > best.1.rank(best.0) {
                *best = (*device_id, *live);
            }
        }
        let asset = |(uuid, (device_id, live)): (Uuid, (u64, Live))| {
            let asset = Asset {
                uuid,
                device_id,
                dt_id: live.dt_id,
                version: live.version,
            };
            (uuid, asset)
        };
        standing.into_iter().map(asset).collect()
    }
}

fn newest(versions: &[AssetVersion]) -> Vec<AssetVersion> {
    let mut newest: HashMap<u64, AssetVersion> = HashMap::with_capacity(versions.len());
    for version in versions {
        let known = newest.entry(version.device_id).or_insert(*version);
        if known.version < version.version {
            *known = *version;
        }
    }
    newest.into_values().collect()
}

impl Live {
    fn of(version: &AssetVersion) -> Option<Self> {
        Some(Self {
            uuid: version.uuid?,
            dt_id: version.dt_id,
            version: version.version,
            adopted: version.adopted,
        })
    }

    /// The highest stands.
    fn rank(&self, device_id: u64) -> (bool, i64, Reverse<u64>) {
        let changed = if self.adopted { 0 } else { self.version };
        (!self.adopted, changed, Reverse(device_id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(device_id: u64, name: u64, version: i64, adopted: bool) -> AssetVersion {
        AssetVersion {
            device_id,
            uuid: (name != 0).then(|| Uuid::from_counter(name).unwrap()),
            dt_id: 1,
            version,
            adopted,
        }
    }

    /// uuid and device id, in order.
    fn standing(assets: &Assets) -> Vec<(u64, u64)> {
        let mut standing: Vec<_> = assets
            .standing()
            .iter()
            .map(|a| (a.uuid.counter(), a.device_id))
            .collect();
        standing.sort_unstable();
        standing
    }

    #[test]
    fn a_swap_comes_out_right_in_any_order() {
        // Pile 10 gets the TCU of uuid 2, for which 20 was adopted.
        let before = [version(10, 1, 100, true), version(20, 2, 200, true)];
        let (renamed, deleted) = (version(10, 2, 300, true), version(20, 0, 301, true));
        for order in [[renamed, deleted], [deleted, renamed]] {
            let mut assets = Assets::new(&before);
            for one in &order {
                assets.apply(&[*one]);
            }
            assert_eq!(standing(&assets), [(2, 10)]);
            let mut at_once = Assets::new(&before);
            let changes = at_once.apply(&order);
            assert_eq!((standing(&at_once), changes.len()), (vec![(2, 10)], 2));
        }
    }

    #[test]
    fn who_was_adopted_before_the_swap_was_known_yields() {
        let mut assets = Assets::new(&[version(10, 1, 100, true)]);
        assets.apply(&[version(30, 2, 305, true)]);
        let changes = assets.apply(&[version(10, 2, 300, true)]);
        assert!(
            changes
                .iter()
                .any(|c| matches!(c, AssetChange::Stands(a) if a.device_id == 10))
        );
        assert_eq!(standing(&assets), [(2, 10)]);
    }

    #[test]
    fn staff_are_believed_before_adoptions_and_the_latest_of_them_first() {
        let mut assets = Assets::new(&[version(20, 1, 200, true), version(90, 1, 100, false)]);
        assert_eq!(standing(&assets), [(1, 90)], "imported, dated back");
        assets.apply(&[version(91, 1, 150, false)]);
        assert_eq!(standing(&assets), [(1, 91)]);
        assets.apply(&[version(91, 0, 160, false), version(90, 0, 160, false)]);
        assert_eq!(standing(&assets), [(1, 20)], "the next in line stands again");
    }

    #[test]
    fn what_the_log_still_has_does_not_bring_back_what_was_deleted() {
        let assets = Assets::new(&[version(10, 0, 200, true), version(10, 1, 100, true)]);
        assert!(assets.standing().is_empty());
    }

    #[test]
    fn what_is_known_is_no_news() {
        let mut assets = Assets::new(&[version(10, 1, 100, true)]);
        assert_eq!(assets.apply(&[version(10, 1, 100, true)]), []);
        assert_eq!(assets.apply(&[version(10, 0, 99, true)]), [], "older");
        assert_eq!(assets.apply(&[version(11, 0, 101, true)]), [], "never stood");
    }

    proptest! {
        /// Whatever the order and the portions, what was told adds up to what stands.
        #[test]
        fn any_order_leads_to_the_same(
            mut versions in proptest::collection::vec((1u64..6, 0u64..4, 1i64..50, any::<bool>()), 1..30),
            seed in any::<u64>(),
            portion in 1usize..5,
        ) {
            // One asset has one row of a version.
            versions.sort_unstable();
            versions.dedup_by_key(|v| (v.0, v.2));
            let by_version: std::collections::BTreeMap<_, _> = versions.iter().map(|v| ((v.0, v.2), *v)).collect();
            let all: Vec<_> = by_version.values().map(|v| version(v.0, v.1, v.2, v.3)).collect();
            let expected = standing(&Assets::new(&all));
            // The database gives an asset's versions in their order; assets are mixed.
            let mut order = all;
            order.sort_by_key(|v| (v.version, v.device_id.wrapping_mul(seed | 1)));
            let mut assets = Assets::default();
            let mut told: std::collections::BTreeMap<u64, u64> = Default::default();
            for some in order.chunks(portion) {
                for change in assets.apply(some) {
                    match change {
                        AssetChange::Stands(a) => drop(told.insert(a.uuid.counter(), a.device_id)),
                        AssetChange::Gone(a) => {
                            prop_assert_eq!(told.remove(&a.uuid.counter()), Some(a.device_id));
                        }
                    }
                }
            }
            prop_assert_eq!(standing(&assets), expected.clone());
            prop_assert_eq!(told.into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
