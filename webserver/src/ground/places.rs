//! Which pile stands where, and how people call it: what lists of events show beside every row. In each web
//! server's memory, because the 20 piles of a page lie in as many places of the table, and looking them up there
//! took more than reading the page. It follows the tables by their versions, at most a second behind.

use std::{
    sync::{
        RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use protocol::Uuid;
use store::{Conditions, Table, Value, versioned};
use tokio::sync::Mutex;

use super::{
    Ground,
    error::ApiError,
    known::{Known, Pile, Station},
    scope::Scope,
};

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

/// The same as fields that are worked out.
pub(crate) const NAMELESS: &[(&str, &str)] = &[
    ("ass_name", "''"),
    ("sta_id", "toUInt64(0)"),
    ("sta_name", "''"),
    ("uuid", "''"),
    ("model", "''"),
];
/// Of rows with a uuid and a model of their own.
pub(crate) const NAMELESS_BUT_UUID: &[(&str, &str)] = NAMELESS.split_at(3).0;

/// [`super::Listed::pile`] of a row with the fields that `nameless` names.
macro_rules! shown {
    () => {
        fn pile(&mut self) -> Option<$crate::ground::Shown<'_>> {
            Some($crate::ground::Shown {
                device_id: self.device_id,
                uuid: Some(&mut self.uuid),
                model: Some(&mut self.model),
                ass_name: &mut self.ass_name,
                sta_id: &mut self.sta_id,
                sta_name: &mut self.sta_name,
            })
        }
    };
    (own uuid) => {
        fn pile(&mut self) -> Option<$crate::ground::Shown<'_>> {
            Some($crate::ground::Shown {
                device_id: self.device_id,
                uuid: None,
                model: None,
                ass_name: &mut self.ass_name,
                sta_id: &mut self.sta_id,
                sta_name: &mut self.sta_name,
            })
        }
    };
}
pub(crate) use shown;

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

/// What a pile is, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// 0 = nowhere.
    pub(crate) sta_id: u64,
    /// Empty: nowhere.
    pub(crate) sta_name: &'a str,
    pub(crate) model: &'a str,
}

const PILES: &str = "SELECT ?fields FROM asset";
const STATIONS: &str = "SELECT ?fields FROM station";

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

    pub(super) fn known(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Whether what is known was fresh when somebody asked. All who have waited for one reading are content with it:
    /// were its age now what counts, then, where reading takes long, each would read again, one after the other.
    fn fresh(&self, asked: Instant) -> bool {
        let read = self.known().read;
        !self.changed.load(Ordering::Acquire) && read.is_some_and(|(_, last)| asked < last + FRESH_FOR)
    }

    /// # Errors
    /// 503 without ClickHouse.
    pub(super) async fn refresh(&self, ground: &Ground) -> Result<(), ApiError> {
        let asked = Instant::now();
        if self.fresh(asked) {
            return Ok(());
        }
        let _one_reads = self.reading.lock().await;
        if self.fresh(asked) {
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
                .upkeep
                .rows::<Pile>("the piles' names", newer.query(&ground.upkeep, PILES)),
            ground
                .upkeep
                .rows::<Station>("the stations' names", newer.query(&ground.upkeep, STATIONS)),
        );
        if read.is_err() {
            self.changed.store(true, Ordering::Release);
        }
        let (mut piles, mut stations) = read?;
        // Nobody has to wait while the whole fleet is put in order.
        let anew = whole.is_none().then(|| {
            let mut anew = Known::default();
            anew.take(std::mem::take(&mut piles), std::mem::take(&mut stations));
            anew
        });
        let mut known = self
            .known
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let before = anew.map(|anew| std::mem::replace(&mut *known, anew));
        known.take(piles, stations);
        known.read = Some((whole.unwrap_or(began), began));
        known.since = now - LATE_MS;
        drop(known);
        drop(before);
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

    /// Answers from the names of the stations that there are.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn with_stations<R>(&self, ask: impl FnOnce(Stations<'_>) -> R) -> Result<R, ApiError> {
        self.places.refresh(self).await?;
        Ok(ask(Stations(&self.places.known())))
    }

    /// Counts what stands where.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn with_fleet<R>(&self, count: impl FnOnce(Fleet<'_>) -> R) -> Result<R, ApiError> {
        self.places.refresh(self).await?;
        // Some hundredths of a second for a large fleet: others are served meanwhile.
        Ok(beside_others(|| count(Fleet(&self.places.known()))))
    }
}

/// All stations.
pub(crate) struct Stations<'a>(&'a Known);

impl<'a> Stations<'a> {
    /// None for a station that is not there (any more).
    pub(crate) fn name(&self, sta_id: u64) -> Option<&'a str> {
        let station = self.0.stations.get(&sta_id)?;
        (station.flag_del == 0).then_some(&*station.sta_name)
    }
}

/// All piles, by where they stand.
pub(crate) struct Fleet<'a>(&'a Known);

impl Fleet<'_> {
    /// How many piles each station has (0 = those of none).
    pub(crate) fn stations(&self) -> impl Iterator<Item = (u64, usize)> {
        self.0
            .standing
            .iter()
            .map(|(sta_id, piles)| (*sta_id, piles.len()))
    }

    /// Where the pile stands that speaks under a uuid; none if there is no such pile.
    pub(crate) fn station_of(&self, uuid: Uuid) -> Option<u64> {
        let letters = uuid.letters();
        let pile = self.0.speaks(std::str::from_utf8(&letters).ok()?)?;
        Some(pile.sta_id)
    }
}

impl Ground {
    /// Says of each of these rows where its pile stands; none for piles that are no assets (any more).
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn where_each<T>(
        &self,
        rows: &[T],
        device_id: fn(&T) -> u64,
        mut with: impl FnMut(&T, Option<Place<'_>>),
    ) -> Result<(), ApiError> {
        self.places.refresh(self).await?;
        self.places.look_up(self, rows.iter().map(device_id)).await?;
        beside_others(|| {
            let known = self.places.known();
            for row in rows {
                let place = known.pile(device_id(row)).map(|pile| Place {
                    sta_id: pile.sta_id,
                    sta_name: known.sta_name(pile.sta_id),
                    model: &pile.model,
                });
                with(row, place);
            }
        });
        Ok(())
    }
}

/// Does what takes a while, with others served meanwhile where the runtime has more threads than one.
fn beside_others<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::current().runtime_flavor() {
        tokio::runtime::RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
