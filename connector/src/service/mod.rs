//! The whole service: it waits for its term, works, and stops.

mod health;
mod rooms;
mod term;

use std::sync::Arc;
use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use common::telemetry::{self, Build, MetricsHandle, TelemetryError};
use connections::{Figure, Reporter};
use store::redis_keys::RedisKeys;
use tokio::time::sleep;
use tracing::{info, warn};

use self::health::Health;
use self::term::Term;
use crate::config::Config;
use crate::leader::{Leader, Renewal};

/// How long ClickHouse may take for a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Logs, metrics or health.
    #[error("telemetry cannot start")]
    Telemetry(#[from] TelemetryError),
    /// The address of Redis is none.
    #[error("redis.url is not an address of Redis")]
    Redis(#[from] redis::RedisError),
}

/// Runs until `shutdown`. Works whenever it holds the lock; another connector that holds it is waited for.
///
/// # Errors
/// [`ServiceError`] if it cannot start.
pub async fn run(config: Config, metrics: MetricsHandle, shutdown: Shutdown) -> Result<(), ServiceError> {
    let redis = config.redis.open()?;
    let client = redis::Client::open(config.redis.url.expose())?;
    let db = config.clickhouse.open(REQUEST_TIMEOUT);
    let keys = RedisKeys::default();
    let health = Health::default();
    let serving = Shutdown::new();
    let readiness = health.readiness(&db, &redis);
    let reporter = Reporter {
        redis: redis.clone(),
        build: BUILD,
        readiness: readiness.clone(),
        metrics: metrics.clone(),
        figures: &FIGURES,
    };
    let (address, _) =
        telemetry::serve(&config.telemetry, metrics, readiness, BUILD, serving.clone()).await?;
    let reporting = tokio::spawn(reporter.run(serving.clone()));
    info!(%address, "connector starts");

    let config = Arc::new(config);
    let mut leader = Leader::new(redis.clone(), keys.connector_leader(), config.leader.lasts);
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(3));
    while !shutdown.is_triggered() {
        match leader.take().await {
            Ok(true) => {
                backoff.reset();
                info!("this connector works now");
                let term = Term::begin(&config, &db, &redis, client.clone(), &keys, &health).await;
                lead(&mut leader, &shutdown).await;
                term.end(config.shutdown.deadline).await;
                leader.release().await;
                continue;
            }
            Ok(false) => health.waits(),
            Err(error) => {
                health.waits();
                warn!(%error, "without Redis nobody knows who may work; waiting for it");
            }
        }
        tokio::select! {
            () = sleep(leader.pause() / 2 + backoff.next_delay()) => {}
            () = shutdown.cancelled() => {}
        }
    }
    serving.trigger();
    let _ = reporting.await;
    info!("connector has stopped");
    Ok(())
}

/// Holds the lock until it is lost or the service is to stop.
async fn lead(leader: &mut Leader, shutdown: &Shutdown) {
    loop {
        tokio::select! {
            () = sleep(leader.pause()) => {}
            () = shutdown.cancelled() => return,
        }
        match leader.renew().await {
            Renewal::Held => {}
            Renewal::Unknown => warn!("Redis does not answer; the lock lasts for a while yet"),
            Renewal::Lost => {
                warn!("this connector no longer holds the lock and stops working");
                return;
            }
        }
    }
}

const BUILD: Build = Build {
    name: "connector",
    version: env!("CARGO_PKG_VERSION"),
};

/// What is told of the service, beside its checks.
const FIGURES: [Figure; 5] = [
    figure("working", "connector_working"),
    figure("batches_open", "connector_batches_open"),
    figure("batch_piles_open", "connector_batch_piles_open"),
    figure("logs_in_work", "connector_logs_in_work"),
    figure("commands_per_second", "connector_commands_asked_total"),
];

const fn figure(name: &'static str, metric: &'static str) -> Figure {
    let label = "";
    Figure { name, metric, label }
}
