//! How all stations are: what their piles and guns are doing, and what today has brought.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use serde::{Deserialize, Serialize};
use store::{table::station::Station, versioned};
use utoipa::{IntoParams, ToSchema};

use super::{queries, wire::Filter};
use crate::ground::{
    Answer, ApiError, Caller, Envelope, FirstSuccess, Ground, Scope,
    input::{pairs, query},
    live::{Brief, GunWord, PileState},
    places::{Fleet, Place},
    time,
    today::Brought,
};

/// Piles by what they are doing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
struct PileCounts {
    /// 总数 All
    total: u64,
    /// 充电 Charging
    charging: u64,
    /// 空闲 Idle
    idle: u64,
    /// 故障 Fault
    fault: u64,
    /// 离线 Not connected
    offline: u64,
    /// 从未上线 Never seen
    unknown: u64,
}

/// Guns by what they are doing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
struct GunCounts {
    /// 总数 All
    total: u64,
    /// 充电 Charging
    charging: u64,
    /// 空闲 Idle
    idle: u64,
    /// 故障 Fault
    fault: u64,
    /// 其他 Anything else
    other: u64,
    /// 桩离线 Their pile is not connected
    offline: u64,
}

/// A station's, or all stations', figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
struct Figures {
    /// 桩 Piles
    piles: PileCounts,
    /// 枪 Guns
    guns: GunCounts,
    /// 未恢复的告警 Warnings that have not recovered
    open_warnings: u64,
    /// 今日充电电量, kWh Energy of today's charges, kWh
    energy: f64,
    /// 今日充电次数 Charges that ended today
    charges: u64,
    /// 今日启动失败次数 Charges that failed to start today
    boot_failures: u64,
    /// 今日一次充电成功率 First-time success today
    first_success: FirstSuccess,
}

impl Figures {
    /// Of so many piles that were never seen.
    fn unseen(piles: usize) -> Self {
        let mut figures = Self::default();
        figures.piles.total = piles as u64;
        figures.piles.unknown = piles as u64;
        figures
    }

    /// One of the piles was seen.
    fn see(&mut self, pile: &Brief) {
        self.piles.unknown = self.piles.unknown.saturating_sub(1);
        *match pile.state {
            PileState::Unknown => &mut self.piles.unknown,
            PileState::Offline => &mut self.piles.offline,
            PileState::Fault => &mut self.piles.fault,
            PileState::Charging => &mut self.piles.charging,
            PileState::Idle => &mut self.piles.idle,
        } += 1;
        for gun in &pile.guns {
            self.guns.total += 1;
            *match gun {
                GunWord::Offline => &mut self.guns.offline,
                GunWord::Fault => &mut self.guns.fault,
                GunWord::Charging => &mut self.guns.charging,
                GunWord::Idle => &mut self.guns.idle,
                GunWord::Other => &mut self.guns.other,
            } += 1;
        }
        self.open_warnings += u64::from(pile.open_warnings);
    }

    fn add(&mut self, other: &Self) {
        let (piles, guns) = (&mut self.piles, &mut self.guns);
        for (sum, part) in [
            (&mut piles.total, other.piles.total),
            (&mut piles.charging, other.piles.charging),
            (&mut piles.idle, other.piles.idle),
            (&mut piles.fault, other.piles.fault),
            (&mut piles.offline, other.piles.offline),
            (&mut piles.unknown, other.piles.unknown),
            (&mut guns.total, other.guns.total),
            (&mut guns.charging, other.guns.charging),
            (&mut guns.idle, other.guns.idle),
            (&mut guns.fault, other.guns.fault),
            (&mut guns.other, other.guns.other),
            (&mut guns.offline, other.guns.offline),
            (&mut self.open_warnings, other.open_warnings),
            (&mut self.charges, other.charges),
            (&mut self.boot_failures, other.boot_failures),
        ] {
            *sum += part;
        }
        self.energy += other.energy;
        self.first_success.add(other.first_success);
    }

    /// How much they need a look. Faults weigh most: they do not come back by themselves.
    fn weight(&self) -> u64 {
        self.piles.fault * 5 + self.piles.offline * 3 + self.boot_failures + self.open_warnings
    }

    fn bring(&mut self, day: &Brought) {
        self.energy += day.energy;
        self.charges += day.charges;
        self.boot_failures += day.boot_failures;
        let success = FirstSuccess::of(day.succeeded, day.charges, day.boot_failures);
        self.first_success.add(success);
    }
}

/// One station's figures.
#[derive(Debug, Serialize, ToSchema)]
struct StationFigures {
    /// 场站编号 The station's id
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 当日开始, 按场站时区, 毫秒 When its day began, in its time zone, Unix ms
    day_start: i64,
    /// 数据 Its figures
    figures: Figures,
}

impl StationFigures {
    fn new(sta_id: u64, sta_name: String, day_start: i64) -> Self {
        Self {
            sta_id,
            sta_name,
            day_start,
            figures: Figures::default(),
        }
    }
}

/// Of piles that have not been given a station.
const NOWHERE: u64 = 0;
/// Stations that may be asked for as those that need a look most.
const MOST_STATIONS: u64 = 100;

/// All of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Overview {
    /// 合计, 含未归站的桩 In total, with the piles of no station
    total: Figures,
    /// 未归站的桩, 仅对看得到全部的人, 且未按场站筛选时 Piles of no station; only for those who see all, and without a filter of stations
    unassigned: Option<Figures>,
    /// 各场站, 按名称; 有top时仅最需关注的, 最甚者在前 Each station, by name; with `top` only those that need a look most, the worst first
    stations: Vec<StationFigures>,
    /// 各场站当日开始的最早者, 毫秒 The earliest beginning of a station's day, Unix ms
    day_start: i64,
}

/// How much of it is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Share {
    /// 只要最需关注的几个场站: 有故障、离线、启动失败或告警的; 合计仍含全部 Only so many stations, those that need a look most: with
    /// faults, piles offline, failed starts or warnings; the total is of all
    #[param(minimum = 1, maximum = 100)]
    top: Option<u64>,
}

/// Extractor: the filter of the list of stations, and how much is wanted.
#[derive(Debug)]
pub(super) struct Asked {
    filter: Filter,
    top: Option<usize>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (share, filter): (Vec<_>, Vec<_>) = pairs(parts).into_iter().partition(|(name, _)| name == "top");
        let Share { top } = query(share.into_iter())?;
        if top.is_some_and(|top| !(1..=MOST_STATIONS).contains(&top)) {
            return Err(ApiError::invalid(
                "top",
                "须在1到100之间",
                "must be from 1 to 100",
            ));
        }
        Ok(Self {
            filter: query(filter.into_iter())?,
            top: top.map(|top| top as usize),
        })
    }
}

/// 场站总览: 桩与枪的状态、今日电量、充电、启动失败、未恢复告警 How stations are, each and in total
#[utoipa::path(get, path = "/station/overview", tag = "station", params(Filter, Share),
    responses((status = 200, body = Envelope<Overview>)))]
pub(super) async fn overview(
    State(ground): State<Ground>,
    caller: Caller,
    Asked { filter, top }: Asked,
) -> Result<Answer<Overview>, ApiError> {
    let now = versioned::now();
    let conditions = queries::filtered(&caller, &filter);
    let stations = versioned::present::<Station>(&ground.db, &conditions).await?;
    let mut shown: Vec<StationFigures> = Vec::with_capacity(stations.len() + 1);
    for station in stations {
        let zone = time::zone(&station.time_zone).unwrap_or(chrono_tz::Asia::Shanghai);
        let day_start = time::day_start(zone, now);
        shown.push(StationFigures::new(station.sta_id, station.sta_name, day_start));
    }
    if caller.scope == Scope::All && filter.is_empty() {
        let day_start = time::day_start(chrono_tz::Asia::Shanghai, now);
        shown.push(StationFigures::new(NOWHERE, String::new(), day_start));
    }
    let mut days: HashMap<i64, Arc<ByStation>> = HashMap::new();
    for station in &shown {
        let day_start = station.day_start;
        if let Entry::Vacant(day) = days.entry(day_start) {
            let name = format!("brought since {day_start}");
            day.insert(ground.fleet.get(name, brought(&ground, day_start)).await?);
        }
    }
    // After the days: they look up piles that were not known.
    let doing = ground.fleet.get("doing".to_owned(), doing(&ground)).await?;
    for station in &mut shown {
        let parts = [Some(&doing), days.get(&station.day_start)];
        for part in parts
            .into_iter()
            .flatten()
            .filter_map(|of| of.get(&station.sta_id))
        {
            station.figures.add(part);
        }
    }
    let nowhere = shown.iter().position(|station| station.sta_id == NOWHERE);
    let unassigned = nowhere.map(|index| shown.swap_remove(index).figures);
    let mut stations = shown;
    let mut total = unassigned.clone().unwrap_or_default();
    stations.iter().for_each(|station| total.add(&station.figures));
    let earliest = stations.iter().map(|station| station.day_start).min();
    let by_name =
        |a: &StationFigures, b: &StationFigures| (&a.sta_name, a.sta_id).cmp(&(&b.sta_name, b.sta_id));
    if let Some(top) = top {
        stations.retain(|station| station.figures.weight() > 0);
        let weight = |station: &StationFigures| station.figures.weight();
        stations.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| by_name(a, b)));
        stations.truncate(top);
    } else {
        stations.sort_by(by_name);
    }
    Ok(Answer(Overview {
        total,
        unassigned,
        stations,
        day_start: earliest.unwrap_or_else(|| time::day_start(chrono_tz::Asia::Shanghai, now)),
    }))
}

/// Figures of each station, and of what stands nowhere.
type ByStation = HashMap<u64, Figures>;

/// What the piles of each station are doing.
async fn doing(ground: &Ground) -> Result<ByStation, ApiError> {
    let briefs = ground.briefs().await?;
    let count = |fleet: Fleet<'_>| {
        let all = fleet
            .stations()
            .map(|(sta_id, piles)| (sta_id, Figures::unseen(piles)));
        let mut stations: ByStation = all.collect();
        for (uuid, brief) in briefs.iter() {
            let station = fleet
                .station_of(*uuid)
                .and_then(|sta_id| stations.get_mut(&sta_id));
            if let Some(station) = station {
                station.see(brief);
            }
        }
        stations
    };
    ground.with_fleet(count).await
}

/// What a day has brought to each station. What is no asset (any more) stands nowhere, but is no pile to be counted
/// either.
async fn brought(ground: &Ground, day_start: i64) -> Result<ByStation, ApiError> {
    let brought = ground.brought(day_start).await?;
    let mut stations = ByStation::new();
    let bring = |day: &Brought, place: Option<Place<'_>>| {
        if let Some(place) = place {
            stations.entry(place.sta_id).or_default().bring(day);
        }
    };
    ground.where_each(&brought, |day| day.device_id, bring).await?;
    Ok(stations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_add_up() {
        let pile = |state, guns: &[GunWord]| Brief {
            device_id: 1,
            state,
            guns: guns.into(),
            open_warnings: 2,
        };
        let mut one = Figures::unseen(2);
        one.see(&pile(PileState::Charging, &[GunWord::Charging, GunWord::Idle]));
        let mut two = one.clone();
        two.add(&one);
        assert_eq!(
            (two.piles.total, two.piles.unknown, two.piles.charging),
            (4, 2, 2)
        );
        assert_eq!((two.guns.total, two.guns.charging, two.open_warnings), (4, 2, 4));
    }
}
