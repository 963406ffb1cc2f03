//! Failures counted by what they have in common.

mod wire;

use std::collections::HashMap;

use clickhouse::Row;
use serde::Deserialize;
use store::Conditions;

pub(super) use self::wire::{Asked, FailureStatistics, Grouping};
use self::wire::{By, FailureGroup};
use crate::ground::{ApiError, Ground, Span, places::Place, time};

/// A pile that has not logged in for so long before the time that is asked for has no known firmware, ms.
const LOGINS_BEFORE_MS: i64 = 90 * 86_400_000;

#[derive(Debug, Row, Deserialize)]
struct GroupRow {
    key: String,
    party: String,
    name: String,
    failures: u64,
    piles: u64,
    total: u64,
    groups: u64,
}

#[derive(Debug, Row, Deserialize)]
struct PileRow {
    device_id: u64,
    failures: u64,
}

/// The failures that meet the conditions, which include the span. The table holds an event once, so it needs no FINAL.
///
/// # Errors
/// 422, 503 without ClickHouse.
pub(super) async fn read(
    ground: &Ground,
    conditions: &Conditions,
    span: Span,
    grouping: &Grouping,
) -> Result<FailureStatistics, ApiError> {
    let (top, vin_length) = grouping.checked()?;
    match grouping.by {
        By::Station => by_pile(ground, conditions, top, station).await,
        By::Model => by_pile(ground, conditions, top, model).await,
        By::Firmware => by_firmware(ground, conditions, span, top).await,
        By::Code => {
            let columns = ["failed_hex", "failed_party", "failed_text"];
            by_columns(ground, conditions, columns, Some(top)).await
        }
        By::Party => by_columns(ground, conditions, ["failed_party", "''", "''"], Some(top)).await,
        By::Vehicle => {
            let begins = format!("substring(vin, 1, {vin_length})");
            by_columns(ground, conditions, [&begins, "''", "''"], Some(top)).await
        }
        By::Hour => {
            let hour = format!("toString(toHour({LOCAL}))");
            let found = by_columns(ground, conditions, [&hour, "''", "''"], None).await?;
            Ok(found.in_order((0..24).map(|hour| hour.to_string())))
        }
        By::Day => {
            let day = format!("toString(toDate({LOCAL}))");
            let found = by_columns(ground, conditions, [&day, "''", "''"], None).await?;
            Ok(found.in_order(time::days(span.from, span.to)))
        }
    }
}

/// When it failed, on a clock in China.
const LOCAL: &str = "toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai')";

/// Counts groups of a subquery's rows; `key`, `party` and `name` are made of its columns.
fn counted([key, party, name]: [&str; 3]) -> String {
    // Windows are counted before a limit cuts.
    format!(
        "SELECT toString({key}) AS key, toString({party}) AS party, toString({name}) AS name, count() AS failures, \
         uniqExact(device_id) AS piles, sum(count()) OVER () AS total, count() OVER () AS groups FROM "
    )
}

fn in_groups(top: Option<usize>) -> String {
    let limit = top.map_or(String::new(), |top| format!(" LIMIT {top}"));
    format!(" GROUP BY key, party, name ORDER BY failures DESC, key, party, name{limit}")
}

async fn by_columns(
    ground: &Ground,
    conditions: &Conditions,
    columns: [&str; 3],
    top: Option<usize>,
) -> Result<FailureStatistics, ApiError> {
    let sql = format!("{}(SELECT * FROM boot_failed_record", counted(columns));
    let query = conditions.query_with(&ground.db, &sql, &format!("){}", in_groups(top)));
    let rows = ground.db.rows::<GroupRow>("failures by group", query).await?;
    Ok(statistics(rows))
}

/// Each failure has the version of its pile's last login before it.
async fn by_firmware(
    ground: &Ground,
    conditions: &Conditions,
    span: Span,
    top: usize,
) -> Result<FailureStatistics, ApiError> {
    let (since, until) = (span.from.saturating_sub(LOGINS_BEFORE_MS), span.to);
    let sql = format!(
        "{}(SELECT device_id, timestamp FROM boot_failed_record",
        counted(["software_version", "''", "''"])
    );
    let rest = format!(
        ") AS failure ASOF LEFT JOIN (SELECT device_id, timestamp, toString(software_version) AS software_version \
         FROM login_record WHERE timestamp >= {since} AND timestamp < {until}) AS login \
         ON failure.device_id = login.device_id AND failure.timestamp >= login.timestamp{}",
        in_groups(Some(top))
    );
    let query = conditions.query_with(&ground.db, &sql, &rest);
    let rows = ground.db.rows::<GroupRow>("failures by version", query).await?;
    Ok(statistics(rows))
}

fn station(place: Option<Place<'_>>) -> (String, String) {
    let place = place.map(|place| (place.sta_id, place.sta_name));
    let (sta_id, sta_name) = place.unwrap_or_default();
    (sta_id.to_string(), sta_name.to_owned())
}

fn model(place: Option<Place<'_>>) -> (String, String) {
    let model = place.map_or("", |place| place.model);
    (model.to_owned(), String::new())
}

/// By what is known of the piles, key and name: counted by pile in the database, put together here.
async fn by_pile(
    ground: &Ground,
    conditions: &Conditions,
    top: usize,
    of: fn(Option<Place<'_>>) -> (String, String),
) -> Result<FailureStatistics, ApiError> {
    let sql = "SELECT device_id, count() AS failures FROM boot_failed_record";
    let query = conditions.query_with(&ground.db, sql, " GROUP BY device_id");
    let rows = ground.db.rows::<PileRow>("failures by pile", query).await?;
    let mut groups: HashMap<(String, String), FailureGroup> = HashMap::new();
    ground
        .where_each(
            &rows,
            |row| row.device_id,
            |row, place| {
                let group = groups.entry(of(place)).or_default();
                group.failures += row.failures;
                group.piles += 1;
            },
        )
        .await?;
    let named = groups
        .into_iter()
        .map(|((key, name), group)| FailureGroup { key, name, ..group });
    Ok(FailureStatistics::largest(named.collect(), top))
}

/// What is known of all groups stands in every row.
fn statistics(rows: Vec<GroupRow>) -> FailureStatistics {
    let (total, groups) = rows
        .first()
        .map(|row| (row.total, row.groups))
        .unwrap_or_default();
    let items = rows.into_iter().map(|row| FailureGroup {
        key: row.key,
        party: row.party,
        name: row.name,
        failures: row.failures,
        piles: row.piles,
    });
    FailureStatistics {
        total,
        groups,
        items: items.collect(),
    }
}
