//! The history of one pile as series of points.

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::Conditions;
use utoipa::ToSchema;

use super::rules;
use crate::ground::{ApiError, Ground, Span, within};

/// What is asked for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) device_id: u64,
    pub(super) gun_num: Option<u8>,
    pub(super) span: Span,
    pub(super) points: u32,
}

/// 一把枪的历史 The history of a gun
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GunHistory {
    /// 枪号, 0=整桩 Gun from 1, 0 = the whole pile
    gun_num: u8,
    /// 电压, V: [毫秒, 值] Voltage, V: [Unix ms, value]
    voltage: Vec<(i64, f64)>,
    /// 电流, A Current, A
    current: Vec<(i64, f64)>,
    /// 功率, kW, 电压与电流均上报时 Power, kW, where voltage and current were said together
    power: Vec<(i64, f64)>,
    /// 已充电量, kWh Charged energy, kWh
    energy: Vec<(i64, f64)>,
    /// 荷电状态 SOC, % State of charge, percent
    soc: Vec<(i64, f64)>,
    /// 电表读数, kWh Meter, kWh
    meter: Vec<(i64, f64)>,
    /// 已充时间, 分钟 Charged time, minutes
    charged_minutes: Vec<(i64, f64)>,
    /// 状态变化, 至多点数条, 取最近者 Changes of state, at most as many as points, the last ones
    states: Vec<StateChange>,
}

/// 状态变化 A change of state
#[derive(Debug, Serialize, ToSchema)]
struct StateChange {
    /// 时间, 毫秒 Since when, Unix ms
    timestamp: i64,
    /// 工作状态 Work state
    work_state: String,
    /// 车辆连接状态 Vehicle link
    link_state: String,
}

#[derive(Debug, Row, Deserialize)]
struct SliceRow {
    gun_num: u8,
    quantity: String,
    least_at: i64,
    least: f64,
    greatest_at: i64,
    greatest: f64,
}

#[derive(Debug, Row, Deserialize)]
struct StateRow {
    gun_num: u8,
    timestamp: i64,
    work_state: String,
    link_state: String,
}

/// Reads it. Rows that came twice change neither a minimum nor a maximum, so no FINAL is needed.
///
/// # Errors
/// 503 without ClickHouse.
pub(super) async fn read(ground: &Ground, wanted: &Wanted) -> Result<Vec<GunHistory>, ApiError> {
    let conditions = within(wanted.span)
        .and("device_id = ?", [wanted.device_id.into()])
        .and_if("gun_num = ?", wanted.gun_num);
    let (slices, states) = tokio::try_join!(
        ground
            .db
            .rows::<SliceRow>("the history of a pile", slices(ground, &conditions, wanted)),
        ground
            .db
            .rows::<StateRow>("the states of a pile", states(ground, &conditions, wanted)),
    )?;
    Ok(guns(slices, states))
}

/// The span is cut from its first row on: a pile that has been there for minutes only is shown by its minutes.
fn slices(ground: &Ground, conditions: &Conditions, wanted: &Wanted) -> clickhouse::query::Query {
    let slice = rules::slice(wanted.span.to, wanted.points);
    let sql = "SELECT gun_num, quantity, argMin(timestamp, value) AS least_at, min(value) AS least, \
               argMax(timestamp, value) AS greatest_at, max(value) AS greatest \
               FROM (SELECT gun_num, timestamp, first, assumeNotNull(point.2) AS value, point.1 AS quantity \
               FROM (SELECT gun_num, timestamp, first, arrayJoin([('voltage', toFloat64(voltage)), \
               ('current', toFloat64(current)), \
               ('power', round(toFloat64(voltage) * toFloat64(current) / 1000, 3)), \
               ('energy', toFloat64(energy)), ('soc', toFloat64(soc)), \
               ('meter', toFloat64(meter)), ('charged_minutes', toFloat64(charged_minutes))]) AS point \
               FROM (SELECT gun_num, timestamp, voltage, current, energy, soc, meter, charged_minutes, \
               min(timestamp) OVER () AS first FROM run_data";
    let rest = format!(
        ")) WHERE isNotNull(point.2)) GROUP BY gun_num, quantity, {slice} AS slice \
         ORDER BY gun_num, quantity, slice"
    );
    conditions.query_with(&ground.db, sql, &rest)
}

fn states(ground: &Ground, conditions: &Conditions, wanted: &Wanted) -> clickhouse::query::Query {
    let sql = "SELECT gun_num, timestamp, work_state, link_state FROM (SELECT gun_num, timestamp, work_state, \
               link_state, lagInFrame((work_state, link_state)) OVER before AS earlier, \
               row_number() OVER before AS nth FROM run_data";
    let rest = format!(
        " WINDOW before AS (PARTITION BY gun_num ORDER BY timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) \
         WHERE nth = 1 OR earlier != (work_state, link_state) \
         ORDER BY gun_num, timestamp DESC LIMIT {} BY gun_num",
        wanted.points
    );
    conditions.query_with(&ground.db, sql, &rest)
}

fn guns(slices: Vec<SliceRow>, states: Vec<StateRow>) -> Vec<GunHistory> {
    let mut guns = BTreeMap::new();
    for row in slices {
        let gun = guns
            .entry(row.gun_num)
            .or_insert_with(|| GunHistory::new(row.gun_num));
        let Some(series) = gun.series(&row.quantity) else {
            continue;
        };
        series.extend(rules::extremes(
            (row.least_at, row.least),
            (row.greatest_at, row.greatest),
        ));
    }
    // The newest come first, so that the oldest are what a limit leaves out.
    for row in states.into_iter().rev() {
        let gun = guns
            .entry(row.gun_num)
            .or_insert_with(|| GunHistory::new(row.gun_num));
        gun.states.push(StateChange {
            timestamp: row.timestamp,
            work_state: row.work_state,
            link_state: row.link_state,
        });
    }
    guns.into_values().collect()
}

impl GunHistory {
    fn new(gun_num: u8) -> Self {
        Self {
            gun_num,
            voltage: Vec::new(),
            current: Vec::new(),
            power: Vec::new(),
            energy: Vec::new(),
            soc: Vec::new(),
            meter: Vec::new(),
            charged_minutes: Vec::new(),
            states: Vec::new(),
        }
    }

    fn series(&mut self, quantity: &str) -> Option<&mut Vec<(i64, f64)>> {
        Some(match quantity {
            "voltage" => &mut self.voltage,
            "current" => &mut self.current,
            "power" => &mut self.power,
            "energy" => &mut self.energy,
            "soc" => &mut self.soc,
            "meter" => &mut self.meter,
            "charged_minutes" => &mut self.charged_minutes,
            _ => return None,
        })
    }
}
