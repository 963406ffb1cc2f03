//! ClickHouse and Redis, and whether the service can do its work now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::telemetry::Readiness;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use store::{Clickhouse, ClickhouseOptions};

use super::ServiceError;
use crate::config::Config;
use crate::directory::Directory;

/// How long ClickHouse may take for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long it may take for a request: a TCU waits for the answer, and all of them together stay below
/// `registration.lock`.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Flags that readiness looks at.
#[derive(Clone)]
pub(super) struct Up {
    pub(super) running: Arc<AtomicBool>,
    pub(super) links: Vec<Arc<AtomicBool>>,
}

/// Every dependency by name.
pub(super) fn readiness(
    up: &Up,
    db: &Clickhouse,
    redis: &ConnectionManager,
    directory: &Directory,
) -> Readiness {
    let (running, links) = (up.running.clone(), up.links.clone());
    let (db, redis, directory) = (db.clone(), redis.clone(), directory.clone());
    Readiness::new()
        .with("desk", move || {
            let running = running.load(Ordering::Relaxed);
            async move { running.then_some(()).ok_or_else(|| "stopping".to_owned()) }
        })
        .with("broker", move || {
            let down = links.iter().filter(|up| !up.load(Ordering::Relaxed)).count();
            async move {
                (down == 0)
                    .then_some(())
                    .ok_or_else(|| format!("no requests come in over {down} broker connections"))
            }
        })
        .with("directory", move || {
            let loaded = directory.is_loaded();
            async move {
                loaded
                    .then_some(())
                    .ok_or_else(|| "the accounts are not read yet".to_owned())
            }
        })
        .with("clickhouse", move || {
            let db = db.clone();
            async move { db.ping().await.map_err(|e| e.to_string()) }
        })
        .with("redis", move || {
            let mut redis = redis.clone();
            async move {
                redis::cmd("PING")
                    .query_async::<()>(&mut redis)
                    .await
                    .map_err(|e| e.to_string())
            }
        })
}

/// Connects on first use.
pub(super) fn clickhouse(config: &Config) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: config.clickhouse.url.clone(),
        database: config.clickhouse.database.clone(),
        user: config.clickhouse.user.clone(),
        password: config.clickhouse.password.expose().to_owned(),
        connect_timeout: CONNECT_TIMEOUT,
        request_timeout: REQUEST_TIMEOUT,
        compression: false,
    })
}

/// Connects on first use, and again by itself.
pub(super) fn redis_connection(config: &Config) -> Result<ConnectionManager, ServiceError> {
    let client = redis::Client::open(config.redis.url.expose()).map_err(ServiceError::Redis)?;
    let options = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(Duration::from_secs(1)))
        .set_response_timeout(Some(Duration::from_secs(2)));
    ConnectionManager::new_lazy_with_config(client, options).map_err(ServiceError::Redis)
}
