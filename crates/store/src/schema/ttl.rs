//! How long rows stay. Not part of the DDL steps, because an operator changes it at any time: what the
//! tables have is compared with what is wanted, and only a difference is altered.

use clickhouse::Row;
use serde::Deserialize;

use super::{SchemaOptions, execute, render};
use crate::{Clickhouse, StoreError};

/// Tables whose rows may expire, and are kept for ever unless configured.
pub const TTL_TABLES: &[&str] = &[
    "run_data",
    "trade_record",
    "boot_failed_record",
    "key_component_action_count",
    "login_record",
    "warn_record",
    "command_record",
    "command_step",
    "unknown_message",
    "malformed_message",
    "quarantine",
    "traffic_daily",
    "operation_record",
    "conversation",
    "log_file",
    "log_content",
    "command_batch_pile",
    "sim_survey",
    "version_survey",
    "clock_survey",
    "schedule_run",
];

/// The moment from which a table's days count: the column that also makes its partitions, if it has any.
fn since(table: &str) -> &'static str {
    match table {
        "traffic_daily" => "day",
        "command_record" | "log_file" => "toDateTime(intDiv(created_time, 1000))",
        "unknown_message" | "malformed_message" | "quarantine" | "conversation" => {
            "toDateTime(intDiv(recv_time, 1000))"
        }
        _ => "toDateTime(intDiv(timestamp, 1000))",
    }
}

pub(super) fn check(options: &SchemaOptions) -> Result<(), StoreError> {
    match options
        .ttl_days
        .keys()
        .find(|table| !TTL_TABLES.contains(&table.as_str()))
    {
        Some(table) => Err(StoreError::NoTtlTable(table.clone())),
        None => Ok(()),
    }
}

#[derive(Debug, Row, Deserialize)]
struct Engine {
    name: String,
    engine_full: String,
}

pub(super) async fn reconcile(db: &Clickhouse, options: &SchemaOptions) -> Result<(), StoreError> {
    let sql = "SELECT name, engine_full FROM system.tables WHERE database = ?";
    let tables: Vec<Engine> = db
        .rows("the tables' engines", db.client().query(sql).bind(db.database()))
        .await?;
    for table in tables
        .iter()
        .filter(|table| TTL_TABLES.contains(&table.name.as_str()))
    {
        let wanted = options.ttl_days.get(&table.name).copied();
        if days_in(&table.engine_full) != wanted {
            let sql = render(&alter(&table.name, wanted), options);
            execute(db, &format!("TTL of {}", table.name), db.client().query_raw(&sql)).await?;
        }
    }
    Ok(())
}

fn alter(table: &str, days: Option<u32>) -> String {
    match days {
        Some(days) => {
            let since = since(table);
            format!("ALTER TABLE {table} {{on_cluster}} MODIFY TTL {since} + toIntervalDay({days})")
        }
        None => format!("ALTER TABLE {table} {{on_cluster}} REMOVE TTL"),
    }
}

/// The days in an engine's definition as ClickHouse prints it; none where it has no TTL.
fn days_in(engine: &str) -> Option<u32> {
    let (_, ttl) = engine.split_once(" TTL ")?;
    let (_, days) = ttl.split_once("toIntervalDay(")?;
    days.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_from_the_engine_as_clickhouse_prints_it() {
        let engine = "ReplacingMergeTree ORDER BY a TTL toDateTime(intDiv(timestamp, 1000)) + toIntervalDay(30) \
                      SETTINGS index_granularity = 8192";
        assert_eq!(days_in(engine), Some(30));
        assert_eq!(days_in("ReplacingMergeTree ORDER BY a"), None);
    }

    #[test]
    fn a_table_without_ttl_is_refused_by_name() {
        let options = SchemaOptions {
            ttl_days: [("asset".into(), 3)].into(),
            ..SchemaOptions::default()
        };
        let error = check(&options).unwrap_err().to_string();
        assert!(error.contains("asset") && error.contains("run_data"), "{error}");
    }
}
