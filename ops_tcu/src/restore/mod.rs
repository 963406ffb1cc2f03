//! What is known of the fleet at the start: assets and commands from ClickHouse and from the log's segments
//! that are not drained yet, the latest states from Redis.

mod commands;

use std::time::Duration;

use common::backoff::Backoff;
use protocol::Uuid;
use redis::RedisError;
use redis::aio::ConnectionManager;
use store::rowbinary::{columns_of, integer, position, text};
use store::schema::{self, SchemaOptions};
use store::table::asset::{self, Digests};
use store::table::command_record::Kept;
use store::{Clickhouse, StoreError, Table};
use tokio::time::timeout;
use tracing::{info, warn};
use wal::{Segment, WalError};

use crate::actor::versions;
use crate::drain::{Rows, gather};
use crate::message::AssetVersion;

pub(crate) use commands::with_piles;

/// What the database and the log know of assets.
pub(crate) struct Known {
    /// Every asset, the deleted ones too.
    pub(crate) versions: Vec<AssetVersion>,
    /// The database's checksums of them.
    pub(crate) digests: Digests,
    /// Commands that are open or ended lately, in the order of their last steps.
    pub(crate) commands: Vec<Kept>,
}

/// All assets. Without the database nobody can know whether a uuid has one, and guessing would make
/// second device ids, so this waits; meanwhile the broker keeps what piles send. One try takes at most
/// `patience`: a database that hangs may answer another.
pub(crate) async fn fleet(
    db: &Clickhouse,
    left: &[Segment],
    node: u8,
    patience: Duration,
) -> Result<Known, WalError> {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    let mut known = loop {
        match timeout(patience, try_fleet(db, node)).await {
            Ok(Ok(known)) => break known,
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                warn!(%error, cause, "waiting for ClickHouse to know the fleet");
            }
            Err(_) => warn!(
                ?patience,
                "ClickHouse does not give the fleet in time; asking again"
            ),
        }
        backoff.wait().await;
    };
    let mut later = Vec::new();
    for segment in left {
        let (tables, _) = gather(&segment.load()?);
        known.versions.extend(adopted_in(&tables));
        later.extend(commands::of_log(&tables));
    }
    known.commands = commands::newest(known.commands, later, commands::now());
    Ok(known)
}

async fn try_fleet(db: &Clickhouse, node: u8) -> Result<Known, StoreError> {
    let applied = schema::apply(db, &SchemaOptions::default()).await?;
    if let Some(last) = applied.last() {
        info!(steps = applied.len(), last, "brought the schema up to date");
    }
    // Before the versions: what changes in between differs at the first look.
    let digests = asset::digests(db).await?;
    let versions = versions(asset::load_all(db)?).await?;
    let commands = commands::of_database(db, node, commands::now()).await?;
    Ok(Known {
        versions,
        digests,
        commands,
    })
}

/// Piles that were adopted in a segment that the database has not got yet.
fn adopted_in(tables: &[Rows]) -> Vec<AssetVersion> {
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
            adopted.push(AssetVersion {
                uuid: Some(uuid),
                adopted: true,
                device_id: integer(value(device)) as u64,
                dt_id: integer(value(dt)) as u64,
                version: integer(value(version)),
            });
        }
    }
    adopted
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use store::ClickhouseOptions;

    use super::*;

    #[tokio::test]
    async fn a_database_that_hangs_is_asked_again() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                held.push(connection);
            }
        });
        let db = Clickhouse::new(&ClickhouseOptions {
            url,
            database: "sems".to_owned(),
            user: String::new(),
            password: String::new(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(3600),
            compression: false,
        });
        let asking =
            tokio::spawn(async move { fleet(&db, &[], 0, Duration::from_millis(20)).await.map(drop) });
        while asked.load(Ordering::Relaxed) < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(!asking.is_finished());
        asking.abort();
    }
}
