//! Which pile stands where, and how people call it: what lists of events show beside every row. In each web
//! server's memory, because the 20 piles of a page lie in as many places of the table, and looking them up there
//! took more than reading the page. It follows the tables by their versions, at most a second behind.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use clickhouse::Row;
use serde::Deserialize;
use store::{Conditions, Table, Value, versioned};
use tokio::sync::Mutex;

use super::{Ground, error::ApiError, scope::Scope};

/// What others have changed is noticed within this; what this server changes, at once.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// Versions may come so much later than the clock that they were given by: long imports, clocks that differ.
const LATE_MS: i64 = 600_000;
/// After this everything is read anew, whatever its versions say.
const WHOLE_FOR: Duration = Duration::from_secs(600);

/// The columns of a row that are filled in from here, to be selected where the table has none of them. With
/// [`Shown::pile`] they get their values.
macro_rules! nameless {
    () => {
        "'' AS uuid, '' AS ass_name, '' AS model, toUInt64(0) AS sta_id, '' AS sta_name"
    };
    (own uuid) => {
        "'' AS ass_name, toUInt64(0) AS sta_id, '' AS sta_name"
    };
}
pub(crate) use nameless;

/// What a row shows of its pile; what it has by itself is `None`.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    pub(crate) device_id: u64,
    pub(crate) uuid: Option<&'a mut String>,
    pub(crate) model: Option<&'a mut String>,
    pub(crate) ass_name: &'a mut String,
    pub(crate) sta_id: &'a mut u64,
    pub(crate) sta_name: &'a mut String,
}

/// A pile, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    pub(crate) device_id: u64,
    /// 0 = nowhere yet.
    pub(crate) sta_id: u64,
    pub(crate) uuid: &'a str,
    pub(crate) ass_name: &'a str,
}

/// A pile, in its newest version.
#[derive(Debug, Row, Deserialize)]
pub(super) struct Pile {
    pub(super) device_id: u64,
    timestamp: i64,
    flag_del: u8,
    pub(super) sta_id: u64,
    pub(super) name: Box<str>,
    ass_name: Box<str>,
    pub(super) model: Box<str>,
}

/// A station, in its newest version.
#[derive(Debug, Row, Deserialize)]
struct Station {
    sta_id: u64,
    timestamp: i64,
    flag_del: u8,
    sta_name: Box<str>,
}

const PILES: &str = "SELECT ?fields FROM asset";
const STATIONS: &str = "SELECT ?fields FROM station";

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Known {
    piles: HashMap<u64, Pile>,
    stations: HashMap<u64, Station>,
    /// The piles of each station, in no order.
    standing: HashMap<u64, Vec<u64>>,
    /// The pile that speaks under a uuid.
    speaking: HashMap<Box<str>, u64>,
    /// Asked for by id, and not there.
    nowhere: HashSet<u64>,
    /// When it was read: whole, and up to now.
    read: Option<(Instant, Instant)>,
    /// Versions from here on are to be read the next time.
    since: i64,
}

impl Known {
    fn take(&mut self, piles: Vec<Pile>, stations: Vec<Station>) {
        for pile in piles {
            let known = self.piles.get(&pile.device_id);
            if known.is_none_or(|known| known.timestamp <= pile.timestamp) {
                self.nowhere.remove(&pile.device_id);
                self.stand(&pile);
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

    fn show(&self, row: Shown<'_>) {
        let Some(pile) = self.piles.get(&row.device_id).filter(|pile| pile.flag_del == 0) else {
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
        if let Some(station) = self.stations.get(&pile.sta_id).filter(|s| s.flag_del == 0) {
            set(row.sta_name, &station.sta_name);
        }
    }
}

/// What one web server knows.
#[derive(Debug, Default)]
pub(crate) struct Places {
    known: RwLock<Known>,
    reading: Mutex<()>,
    changed: AtomicBool,
}

impl Places {
    /// To be called when rows of a table have been written.
    pub(crate) fn changed(&self, table: Table) {
        if matches!(table, Table::Asset | Table::Station) {
            self.changed.store(true, Ordering::Release);
        }
    }

    fn known(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn fresh(&self) -> bool {
        let read = self.known().read;
        !self.changed.load(Ordering::Acquire) && read.is_some_and(|(_, last)| last.elapsed() < FRESH_FOR)
    }

    /// # Errors
    /// 503 without ClickHouse.
    async fn refresh(&self, ground: &Ground) -> Result<(), ApiError> {
        if self.fresh() {
            return Ok(());
        }
        let _one_reads = self.reading.lock().await;
        if self.fresh() {
            return Ok(());
        }
        // Before the tables are read: what is written meanwhile is read the next time.
        self.changed.store(false, Ordering::Release);
        let (began, now) = (Instant::now(), versioned::now());
        let (whole, since) = {
            let known = self.known();
            let whole = known.read.map(|(whole, _)| whole);
            (whole.filter(|at| at.elapsed() < WHOLE_FOR), known.since)
        };
        let newer = match whole {
            Some(_) => Conditions::new().and("timestamp >= ?", [since.into()]),
            None => Conditions::new(),
        };
        let read = tokio::try_join!(
            ground
                .db
                .rows::<Pile>("the piles' names", newer.query(&ground.db, PILES)),
            ground
                .db
                .rows::<Station>("the stations' names", newer.query(&ground.db, STATIONS)),
        );
        if read.is_err() {
            self.changed.store(true, Ordering::Release);
        }
        let (piles, stations) = read?;
        let mut known = self
            .known
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if whole.is_none() {
            *known = Known::default();
        }
        known.take(piles, stations);
        known.read = Some((whole.unwrap_or(began), began));
        known.since = now - LATE_MS;
        Ok(())
    }

    /// Piles that are not known are asked for by id, once: nobody else gives them a version of long ago.
    async fn look_up(&self, ground: &Ground, ids: impl Iterator<Item = u64>) -> Result<(), ApiError> {
        let mut missing: Vec<u64> = {
            let known = self.known();
            ids.filter(|id| *id != 0 && !known.piles.contains_key(id) && !known.nowhere.contains(id))
                .collect()
        };
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let these = Conditions::new().and("device_id IN ?", [Value::UnsignedList(missing.clone())]);
        let found = ground
            .db
            .rows::<Pile>("the piles' names", these.query(&ground.db, PILES))
            .await?;
        let mut known = self
            .known
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        known.nowhere.extend(missing);
        known.take(found, Vec::new());
        Ok(())
    }
}

impl Ground {
    /// Shows beside each row its pile and station, as far as there are any. `shown` says of a row what to fill in.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn place<T>(
        &self,
        rows: &mut [T],
        shown: fn(&mut T) -> Option<Shown<'_>>,
    ) -> Result<(), ApiError> {
        let ids: Vec<u64> = rows
            .iter_mut()
            .filter_map(|row| shown(row).map(|shown| shown.device_id))
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.places.refresh(self).await?;
        self.places.look_up(self, ids.into_iter()).await?;
        let known = self.places.known();
        rows.iter_mut().filter_map(shown).for_each(|row| known.show(row));
        Ok(())
    }
}

impl Ground {
    /// Answers from what is known of the piles.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(super) async fn with_places<R>(&self, ask: impl FnOnce(&Known) -> R) -> Result<R, ApiError> {
        self.places.refresh(self).await?;
        Ok(ask(&self.places.known()))
    }

    /// The same about one pile, which may be new.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(super) async fn with_place<R>(
        &self,
        device_id: u64,
        ask: impl FnOnce(&Known) -> R,
    ) -> Result<R, ApiError> {
        self.places.refresh(self).await?;
        self.places.look_up(self, std::iter::once(device_id)).await?;
        Ok(ask(&self.places.known()))
    }

    /// The piles at a station, or all that the caller sees: what `with` makes of each, as long as there are at most
    /// so many; otherwise none.
    ///
    /// # Errors
    /// 404 for a station that he does not see, 503 without ClickHouse.
    pub(crate) async fn piles_at<R>(
        &self,
        scope: &Scope,
        sta_id: Option<u64>,
        most: usize,
        with: impl Fn(Standing<'_>) -> R,
    ) -> Result<Option<Vec<R>>, ApiError> {
        self.places.refresh(self).await?;
        let known = self.places.known();
        let there = |sta_id| {
            known
                .stations
                .get(&sta_id)
                .is_some_and(|station| station.flag_del == 0)
        };
        if sta_id.is_some_and(|sta_id| !there(sta_id) || !scope.sees_station(sta_id)) {
            return Err(ApiError::NotFound);
        }
        let stations: Vec<u64> = match (sta_id, scope) {
            (Some(sta_id), _) => vec![sta_id],
            (None, Scope::All) => known.standing.keys().copied().collect(),
            (None, Scope::Within { stations, .. }) => stations.iter().copied().collect(),
        };
        if stations
            .iter()
            .map(|sta_id| known.at(*sta_id).len())
            .sum::<usize>()
            > most
        {
            return Ok(None);
        }
        let piles = stations.iter().flat_map(|sta_id| known.at(*sta_id));
        let standing = |pile: &Pile| {
            with(Standing {
                device_id: pile.device_id,
                sta_id: pile.sta_id,
                uuid: &pile.name,
                ass_name: &pile.ass_name,
            })
        };
        Ok(Some(
            piles.filter_map(|id| known.pile(*id)).map(standing).collect(),
        ))
    }

    /// Names the stations of rows; empty where there is none (any more).
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn name_stations<T>(
        &self,
        rows: &mut [T],
        sta_id: fn(&T) -> u64,
        mut with: impl FnMut(&mut T, &str),
    ) -> Result<(), ApiError> {
        self.places.refresh(self).await?;
        let known = self.places.known();
        for row in rows {
            let station = known.stations.get(&sta_id(row));
            let station = station.filter(|station| station.flag_del == 0);
            with(row, station.map_or("", |station| &station.sta_name));
        }
        Ok(())
    }

    /// Goes through all piles: station (0 = none) and uuid.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn each_pile(&self, mut with: impl FnMut(u64, &str)) -> Result<(), ApiError> {
        self.places.refresh(self).await?;
        let known = self.places.known();
        let piles = known.piles.values().filter(|pile| pile.flag_del == 0);
        piles.for_each(|pile| with(pile.sta_id, &pile.name));
        Ok(())
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
