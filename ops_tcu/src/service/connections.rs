//! ClickHouse and Redis, and whether the service can do its work now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::telemetry::Readiness;
use redis::aio::ConnectionManager;
use store::{Clickhouse, ClickhouseOptions};

use super::{REQUEST_TIMEOUT, ServiceError};
use crate::clock::Backlog;
use crate::config::Config;
use crate::mqtt::Health;

/// How long ClickHouse may take for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Flags that readiness looks at.
#[derive(Clone)]
pub(super) struct Up {
    pub(super) running: Arc<AtomicBool>,
    pub(super) redis: Arc<AtomicBool>,
    pub(super) brokers: Vec<BrokerHealth>,
}

/// The two connections to one broker.
#[derive(Debug, Clone, Default)]
pub(super) struct BrokerHealth {
    pub(super) incoming: Arc<Health>,
    pub(super) outgoing: Arc<Health>,
}

impl BrokerHealth {
    fn complaint(&self) -> Option<String> {
        self.incoming.complaint().or_else(|| self.outgoing.complaint())
    }
}

impl Up {
    pub(super) fn new(brokers: usize) -> Self {
        Self {
            running: Arc::default(),
            redis: Arc::new(AtomicBool::new(true)),
            brokers: (0..brokers).map(|_| BrokerHealth::default()).collect(),
        }
    }
}

/// Every dependency by name.
pub(super) fn readiness(up: &Up, db: &Clickhouse, redis: &ConnectionManager, backlog: &Backlog) -> Readiness {
    let (running, brokers) = (up.running.clone(), up.brokers.clone());
    let (db, redis, backlog) = (db.clone(), redis.clone(), backlog.clone());
    Readiness::new()
        .with("log", move || {
            let backlog = backlog.clone();
            async move {
                if backlog.is_high() {
                    Err(backlog.complaint())
                } else {
                    Ok(())
                }
            }
        })
        .with("intake", move || {
            let ready = running.load(Ordering::Relaxed);
            async move {
                ready
                    .then_some(())
                    .ok_or_else(|| "starting or stopping".to_owned())
            }
        })
        .with("broker", move || {
            let numbered = brokers.iter().enumerate();
            let complaints: Vec<_> = numbered
                .filter_map(|(number, broker)| Some(format!("broker {number}: {}", broker.complaint()?)))
                .collect();
            async move {
                if complaints.is_empty() {
                    Ok(())
                } else {
                    Err(complaints.join("; "))
                }
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
    let options = redis::aio::ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(Duration::from_secs(1)))
        .set_response_timeout(Some(Duration::from_secs(2)));
    ConnectionManager::new_lazy_with_config(client, options).map_err(ServiceError::Redis)
}
