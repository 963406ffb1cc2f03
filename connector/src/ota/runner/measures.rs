//! The figures of the safety rail, read from ClickHouse: what happened at which pile in which slot.

use std::collections::HashMap;

use clickhouse::Row;
use clickhouse::query::Query;
use serde::Deserialize;
use store::ota::Measure;
use store::table::ota_campaign_figure::OtaCampaignFigure;
use store::{Clickhouse, Conditions, StoreError, versioned};

use crate::ota::model::rail::{Cell, usual};

const DAY: i64 = 24 * 3_600_000;
/// Shanghai's midnight is so much before Greenwich's, ms.
const SHANGHAI: i64 = 8 * 3_600_000;
/// How much history tells what a pile usually has, ms.
const HISTORY: i64 = 30 * DAY;
/// A storm of warnings counts as so many in a slot.
const MOST_WARNINGS: f64 = 10.0;

/// By pile and slot.
pub(super) type BySlot = HashMap<(u64, i64), f64>;

/// What each pile usually has of a measure, against the others, by device id.
#[derive(Default)]
pub(super) struct Usual(HashMap<Measure, HashMap<u64, f64>>);

impl Usual {
    pub(super) fn of(&self, measure: Measure, device_id: u64) -> f64 {
        let piles = self.0.get(&measure);
        piles
            .and_then(|piles| piles.get(&device_id))
            .copied()
            .unwrap_or(1.0)
    }
}

#[derive(Row, Deserialize)]
struct Counted {
    device_id: u64,
    slot: i64,
    events: f64,
    exposure: f64,
}

/// Failed starts and all starts by pile and slot.
async fn starts(
    db: &Clickhouse,
    piles: &[u64],
    (since, until): (i64, i64),
    slot: i64,
) -> Result<Vec<Counted>, StoreError> {
    let sql = "SELECT device_id, intDiv(at, ?) * ? AS slot, toFloat64(sum(failed)) AS events, \
               toFloat64(count()) AS exposure FROM ( \
               SELECT device_id, timestamp AS at, 1 AS failed FROM boot_failed_record FINAL \
               WHERE timestamp >= ? AND device_id IN ? \
               UNION ALL \
               SELECT device_id, if(start_time = 0 OR clock_skew = 1, timestamp, start_time) AS at, 0 AS failed \
               FROM trade_record FINAL WHERE timestamp >= ? AND device_id IN ? AND conflict = 0) \
               WHERE at >= ? AND at < ? GROUP BY device_id, slot";
    let query = db.client().query(sql).bind(slot).bind(slot);
    let query = query.bind(since).bind(piles).bind(since).bind(piles);
    db.rows("starts", query.bind(since).bind(until)).await
}

/// Warnings that piles raised, by pile and slot.
async fn warnings(
    db: &Clickhouse,
    piles: &[u64],
    (since, until): (i64, i64),
    slot: i64,
) -> Result<Vec<Counted>, StoreError> {
    let sql = "SELECT device_id, intDiv(timestamp, ?) * ? AS slot, toFloat64(count()) AS events, \
               toFloat64(1) AS exposure FROM warn_record FINAL \
               WHERE timestamp >= ? AND timestamp < ? AND source = '桩' AND device_id IN ? GROUP BY device_id, slot";
    let query = db.client().query(sql).bind(slot).bind(slot);
    db.rows("warnings", query.bind(since).bind(until).bind(piles))
        .await
}

/// Bytes by pile and Shanghai's day, without what the update itself takes.
async fn traffic(
    db: &Clickhouse,
    piles: &[u64],
    (since, until): (i64, i64),
) -> Result<Vec<Counted>, StoreError> {
    let sql = "SELECT device_id, (toInt64(day) * 86400 - 28800) * 1000 AS slot, toFloat64(sum(bytes)) AS events, \
               toFloat64(1) AS exposure FROM traffic_daily \
               WHERE day >= toDate(intDiv(?, 86400000)) AND slot >= ? AND slot < ? AND device_id IN ? \
               AND command NOT IN ('下载', '下载应答', '下载进度', '更新程序并重启', '更新程序并重启应答') \
               GROUP BY device_id, day";
    let query: Query = db
        .client()
        .query(sql)
        .bind(since)
        .bind(since)
        .bind(until)
        .bind(piles);
    db.rows("traffic", query).await
}

/// Starts as cells; `places` are the subjects' by device id.
pub(super) async fn start_cells(
    db: &Clickhouse,
    places: &HashMap<u64, usize>,
    piles: &[u64],
    span: (i64, i64),
    slot: i64,
) -> Result<Vec<Cell>, StoreError> {
    let rows = starts(db, piles, span, slot).await?;
    let cell = |row: &Counted| {
        Some(Cell::starts(
            *places.get(&row.device_id)?,
            row.slot,
            row.events,
            row.exposure,
        ))
    };
    Ok(rows.iter().filter_map(cell).collect())
}

/// Warnings by pile and slot.
pub(super) async fn warning_counts(
    db: &Clickhouse,
    piles: &[u64],
    span: (i64, i64),
    slot: i64,
) -> Result<BySlot, StoreError> {
    let rows = warnings(db, piles, span, slot).await?;
    let entry = |row: Counted| ((row.device_id, row.slot), row.events.min(MOST_WARNINGS));
    Ok(rows.into_iter().map(entry).collect())
}

/// Bytes by pile and day.
pub(super) async fn traffic_counts(
    db: &Clickhouse,
    piles: &[u64],
    span: (i64, i64),
) -> Result<BySlot, StoreError> {
    let rows = traffic(db, piles, span).await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.device_id, row.slot), row.events))
        .collect())
}

/// Samples of who was offline, since then.
pub(super) async fn presence(
    db: &Clickhouse,
    campaign_id: u64,
    stage: u8,
    since: i64,
) -> Result<Vec<OtaCampaignFigure>, StoreError> {
    let these = Conditions::new()
        .and("campaign_id = ?", [campaign_id.into()])
        .and("stage = ?", [stage.into()])
        .and("measure = ?", [Measure::Presence.as_str().into()])
        .and("look_time >= ?", [since.into()]);
    versioned::present(db, &these).await
}

/// What the piles had in the 30 days before the campaign.
pub(super) async fn read_usual(db: &Clickhouse, piles: &[u64], started: i64) -> Result<Usual, StoreError> {
    let span = (started - HISTORY, started);
    let starts = starts(db, piles, span, HISTORY * 1000).await?;
    let warnings = warnings(db, piles, span, HISTORY * 1000).await?;
    let traffic = traffic(db, piles, span).await?;
    let bytes: f64 = traffic.iter().map(|row| row.events).sum();
    let per_day = (bytes / traffic.len().max(1) as f64).max(1.0);
    let known = |rows: Vec<Counted>, exposure: &dyn Fn(&Counted) -> (f64, f64), always: f64| {
        let mut history: HashMap<u64, (f64, f64)> = piles.iter().map(|pile| (*pile, (0.0, always))).collect();
        for row in &rows {
            let (events, exposed) = exposure(row);
            let pile = history.entry(row.device_id).or_default();
            *pile = (pile.0 + events, pile.1 + exposed);
        }
        let history: Vec<_> = piles.iter().map(|pile| history[pile]).collect();
        piles
            .iter()
            .copied()
            .zip(usual(&history))
            .collect::<HashMap<_, _>>()
    };
    Ok(Usual(HashMap::from([
        (
            Measure::BootFailures,
            known(starts, &|row| (row.events, row.exposure), 0.0),
        ),
        // Over the whole time for every pile: no warning is history too.
        (Measure::Warnings, known(warnings, &|row| (row.events, 0.0), 1.0)),
        // In days of an ordinary pile.
        (
            Measure::Traffic,
            known(traffic, &|row| (row.events / per_day, 1.0), 0.0),
        ),
    ])))
}

/// The slots that begin in a span, whole ones of this length since 1970.
pub(super) fn slots((since, until): (i64, i64), slot: i64) -> Vec<i64> {
    let first = since.div_euclid(slot) * slot;
    let count = (until - first).div_euclid(slot).max(0) + 1;
    (0..count)
        .map(|nth| first + nth * slot)
        .filter(|slot| *slot >= since && *slot < until)
        .collect()
}

/// Shanghai's midnights in a span.
pub(super) fn days((since, until): (i64, i64)) -> Vec<i64> {
    let shifted = slots((since + SHANGHAI, until + SHANGHAI), DAY);
    shifted.into_iter().map(|day| day - SHANGHAI).collect()
}

/// Shanghai's first midnight after an instant.
pub(super) fn next_day(at: i64) -> i64 {
    ((at + SHANGHAI).div_euclid(DAY) + 1) * DAY - SHANGHAI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_shanghais() {
        let noon = 20_000 * DAY + 4 * 3_600_000;
        assert_eq!(next_day(noon), 20_000 * DAY + 16 * 3_600_000);
        assert_eq!(days((noon, noon + DAY)), [20_000 * DAY + 16 * 3_600_000]);
        assert_eq!(next_day(next_day(noon)), next_day(noon) + DAY);
    }

    #[test]
    fn slots_begin_within_their_span() {
        assert_eq!(slots((95, 210), 50), [100, 150, 200]);
        assert_eq!(slots((100, 200), 50), [100, 150]);
        assert!(slots((100, 100), 50).is_empty());
    }
}
