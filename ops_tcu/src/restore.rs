//! What is known of the fleet at the start: assets from ClickHouse and from the log's segments that are
//! not drained yet, the latest states from Redis.

use std::time::Duration;

use common::backoff::Backoff;
use protocol::Uuid;
use redis::RedisError;
use redis::aio::ConnectionManager;
use store::rowbinary::{columns_of, integer, position, text};
use store::schema::{self, SchemaOptions};
use store::{Clickhouse, StoreError, Table};
use tracing::{info, warn};
use wal::{Segment, WalError};

use crate::actor::assets;
use crate::drain::gather;
use crate::message::Asset;

/// All assets. Without the database nobody can know whether a uuid has one, and guessing would make
/// second device ids, so this waits; meanwhile the broker keeps what piles send.
pub(crate) async fn fleet(db: &Clickhouse, left: &[Segment]) -> Result<Vec<Asset>, WalError> {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    let mut known = loop {
        match try_fleet(db).await {
            Ok(known) => break known,
            Err(error) => {
                let cause = std::error::Error::source(&error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                warn!(%error, cause, "waiting for ClickHouse to know the fleet");
                backoff.wait().await;
            }
        }
    };
    for segment in left {
        known.extend(adopted_in(segment)?);
    }
    Ok(known)
}

async fn try_fleet(db: &Clickhouse) -> Result<Vec<Asset>, StoreError> {
    let applied = schema::apply(db, &SchemaOptions::default()).await?;
    if let Some(last) = applied.last() {
        info!(steps = applied.len(), last, "brought the schema up to date");
    }
    assets(db, 0).await
}

/// Piles that were adopted in a segment that the database has not got yet.
fn adopted_in(segment: &Segment) -> Result<Vec<Asset>, WalError> {
    let (tables, _) = gather(&segment.load()?);
    let columns = Table::Asset.columns();
    let [name, device, dt, version] =
        ["name", "device_id", "dt_id", "timestamp"].map(|c| position(columns, c));
    let mut adopted = Vec::new();
    for rows in tables.iter().filter(|rows| rows.table == Table::Asset) {
        for row in 0..rows.len() {
            let bytes = rows.slice(row..row + 1);
            let Some(places) = columns_of(columns, &bytes) else {
                continue;
            };
            let value = |column: usize| &bytes[places[column].clone()];
            let Ok(uuid) = Uuid::parse(&text(value(name))) else {
                continue;
            };
            adopted.push(Asset {
                uuid,
                device_id: integer(value(device)) as u64,
                dt_id: integer(value(dt)) as u64,
                version: integer(value(version)),
            });
        }
    }
    Ok(adopted)
}

/// The latest states in one of Redis' buckets: uuid and JSON.
///
/// # Errors
/// Whatever keeps Redis from answering; the service then starts without, and piles confirm themselves
/// by speaking.
pub(crate) async fn states(
    connection: &mut ConnectionManager,
    bucket: String,
) -> Result<Vec<(Uuid, String)>, RedisError> {
    let states: Vec<(String, String)> = redis::cmd("HGETALL").arg(bucket).query_async(connection).await?;
    Ok(states
        .into_iter()
        .filter_map(|(uuid, json)| Some((Uuid::parse(&uuid).ok()?, json)))
        .collect())
}
