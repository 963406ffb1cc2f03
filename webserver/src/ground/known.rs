//! What a web server knows of all piles and stations: put together from the versions of their rows, in whatever order
//! these are read.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Instant,
};

use clickhouse::Row;
use serde::Deserialize;

use super::places::Shown;

/// A pile, in its newest version.
#[derive(Debug, Row, Deserialize)]
pub(super) struct Pile {
    pub(super) device_id: u64,
    pub(super) timestamp: i64,
    pub(super) flag_del: u8,
    pub(super) sta_id: u64,
    pub(super) name: Box<str>,
    pub(super) ass_name: Box<str>,
    pub(super) model: Box<str>,
}

/// A station, in its newest version.
#[derive(Debug, Row, Deserialize)]
pub(super) struct Station {
    sta_id: u64,
    timestamp: i64,
    pub(super) flag_del: u8,
    pub(super) sta_name: Box<str>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) piles: HashMap<u64, Pile>,
    /// Those that are assets, in the order in which they are listed.
    by_name: BTreeSet<(Box<str>, u64)>,
    pub(super) stations: HashMap<u64, Station>,
    /// The piles of each station, in no order.
    pub(super) standing: HashMap<u64, Vec<u64>>,
    /// The pile that speaks under a uuid.
    speaking: HashMap<Box<str>, u64>,
    /// Asked for by id, and not there.
    pub(super) nowhere: HashSet<u64>,
    /// When it was read: whole, and up to now.
    pub(super) read: Option<(Instant, Instant)>,
    /// Versions from here on are to be read the next time.
    pub(super) since: i64,
}

impl Known {
    pub(super) fn take(&mut self, piles: Vec<Pile>, stations: Vec<Station>) {
        for pile in piles {
            let known = self.piles.get(&pile.device_id);
            if known.is_none_or(|known| known.timestamp <= pile.timestamp) {
                self.nowhere.remove(&pile.device_id);
                self.stand(&pile);
                self.name(&pile);
                self.piles.insert(pile.device_id, pile);
            }
        }
        for station in stations {
            let known = self.stations.get(&station.sta_id);
            if known.is_none_or(|known| known.timestamp <= station.timestamp) {
                self.stations.insert(station.sta_id, station);
            }
        }
    }

    /// Notes where a pile stands now, and under which uuid it speaks.
    fn stand(&mut self, now: &Pile) {
        let before = self.piles.get(&now.device_id).filter(|pile| pile.flag_del == 0);
        let of = |pile: &Pile| (pile.sta_id, pile.name.clone());
        let (before, after) = (before.map(of), (now.flag_del == 0).then(|| of(now)));
        if before == after {
            return;
        }
        if let Some((sta_id, uuid)) = before {
            if let Some(piles) = self.standing.get_mut(&sta_id) {
                piles.retain(|id| *id != now.device_id);
            }
            if self.speaking.get(&uuid) == Some(&now.device_id) {
                self.speaking.remove(&uuid);
            }
        }
        if let Some((sta_id, uuid)) = after {
            self.standing.entry(sta_id).or_default().push(now.device_id);
            self.speaking.insert(uuid, now.device_id);
        }
    }

    /// Puts a pile where its new name belongs.
    fn name(&mut self, pile: &Pile) {
        let listed = |pile: &Pile| (pile.flag_del == 0).then(|| (pile.ass_name.clone(), pile.device_id));
        let (before, after) = (self.piles.get(&pile.device_id).and_then(listed), listed(pile));
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.by_name.remove(&before);
        }
        self.by_name.extend(after);
    }

    /// How many assets there are.
    pub(super) fn count(&self) -> usize {
        self.by_name.len()
    }

    /// All assets by name, then by id.
    pub(super) fn assets_by_name(&self) -> impl Iterator<Item = &Pile> {
        self.by_name.iter().filter_map(|(_, id)| self.piles.get(id))
    }

    /// None for a pile that is no asset (any more).
    pub(super) fn pile(&self, device_id: u64) -> Option<&Pile> {
        self.piles.get(&device_id).filter(|pile| pile.flag_del == 0)
    }

    /// The pile with this uuid.
    pub(super) fn speaks(&self, uuid: &str) -> Option<&Pile> {
        self.pile(*self.speaking.get(uuid)?)
    }

    /// The ids of the piles at a station, 0 = at none.
    pub(super) fn at(&self, sta_id: u64) -> &[u64] {
        self.standing.get(&sta_id).map_or(&[], Vec::as_slice)
    }

    /// Every pile.
    pub(super) fn all(&self) -> impl Iterator<Item = &Pile> {
        self.piles.values().filter(|pile| pile.flag_del == 0)
    }

    /// How many piles there are, and were.
    pub(super) fn len(&self) -> usize {
        self.piles.len()
    }

    /// Empty where there is no such station.
    pub(super) fn sta_name(&self, sta_id: u64) -> &str {
        let station = self.stations.get(&sta_id).filter(|station| station.flag_del == 0);
        station.map_or("", |station| &station.sta_name)
    }

    pub(super) fn show(&self, row: Shown<'_>) {
        let Some(pile) = self.pile(row.device_id) else {
            return;
        };
        let set = |field: &mut String, text: &str| {
            field.clear();
            field.push_str(text);
        };
        if let Some(uuid) = row.uuid {
            set(uuid, &pile.name);
        }
        if let Some(model) = row.model {
            set(model, &pile.model);
        }
        set(row.ass_name, &pile.ass_name);
        *row.sta_id = pile.sta_id;
        set(row.sta_name, self.sta_name(pile.sta_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pile(timestamp: i64, name: &str, flag_del: u8) -> Pile {
        Pile {
            device_id: 1,
            timestamp,
            flag_del,
            sta_id: 9,
            name: "AAAA".into(),
            ass_name: name.into(),
            model: "DC-120".into(),
        }
    }

    fn shown(known: &Known) -> (String, u64) {
        let (mut ass_name, mut sta_id, mut sta_name) = (String::new(), 0, String::new());
        known.show(Shown {
            device_id: 1,
            uuid: None,
            model: None,
            ass_name: &mut ass_name,
            sta_id: &mut sta_id,
            sta_name: &mut sta_name,
        });
        (ass_name, sta_id)
    }

    impl Known {
        /// A pile of its first version.
        pub(in crate::ground) fn put(&mut self, device_id: u64, sta_id: u64, uuid: &str, model: &str) {
            let pile = Pile {
                device_id,
                sta_id,
                name: uuid.into(),
                model: model.into(),
                ..pile(1, "", 0)
            };
            self.take(vec![pile], vec![]);
        }
    }

    #[test]
    fn a_pile_stands_at_one_station_and_speaks_under_one_uuid() {
        let mut known = Known::default();
        known.take(vec![pile(1, "一", 0)], vec![]);
        assert_eq!((known.at(9), known.speaks("AAAA").is_some()), (&[1][..], true));
        let moved = Pile {
            sta_id: 8,
            name: "BBBB".into(),
            ..pile(2, "一", 0)
        };
        known.take(vec![moved], vec![]);
        assert_eq!((known.at(9), known.at(8)), (&[][..], &[1][..]));
        assert!(known.speaks("AAAA").is_none() && known.speaks("BBBB").is_some());
        known.take(vec![pile(3, "一", 1)], vec![]);
        assert!(known.at(8).is_empty() && known.speaks("BBBB").is_none() && known.pile(1).is_none());
    }

    #[test]
    fn the_newest_version_is_shown_whatever_the_order_in_which_they_are_read() {
        let mut known = Known::default();
        known.take(vec![pile(2, "二", 0), pile(1, "一", 0)], vec![]);
        assert_eq!(shown(&known), ("二".to_owned(), 9));
        known.take(vec![pile(3, "三", 1)], vec![]);
        assert_eq!(shown(&known), (String::new(), 0), "deleted");
    }
}
