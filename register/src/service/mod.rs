//! The whole service: what starts in which order, and how it stops.

mod connections;
mod groundwork;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::shutdown::Shutdown;
use common::telemetry::{self, Build, MetricsHandle, TelemetryError};
use common::tls::TlsError;
use store::redis_keys::RedisKeys;
use tokio::task::JoinSet;
use tracing::{info, warn};

use self::connections::{Up, clickhouse, readiness, redis_connection};
use crate::broker::{Broker, BrokerError, keep_in_step};
use crate::config::Config;
use crate::desk::Desk;
use crate::ledger::Ledger;

/// Why the service cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Logs, metrics or health.
    #[error("telemetry cannot start")]
    Telemetry(#[from] TelemetryError),
    /// The address of Redis is none.
    #[error("redis.url is not an address of Redis")]
    Redis(#[source] redis::RedisError),
    /// The CA file cannot be used.
    #[error("TLS towards the broker cannot be set up")]
    Tls(#[from] TlsError),
    /// Who keeps the door cannot be told.
    #[error("the broker's accounts cannot be kept")]
    Broker(#[from] BrokerError),
}

/// How long the parts that hold nothing may take to end.
const PARTS_WITHIN: Duration = Duration::from_secs(2);

/// Runs until `shutdown`, then stops in order: no more requests, answers to those that wait, then everything else.
///
/// # Errors
/// [`ServiceError`] if it cannot start.
pub async fn run(config: Config, metrics: MetricsHandle, shutdown: Shutdown) -> Result<(), ServiceError> {
    let db = clickhouse(&config);
    let redis = redis_connection(&config)?;
    let ledger = Ledger::new(
        db.clone(),
        redis.clone(),
        RedisKeys::default(),
        config.registration.lock,
    );
    let broker = Broker::new(&config)?;
    let desk = Desk::new(&config);
    // For what holds nothing and may end at once.
    let parts = Shutdown::new();
    let mut running = JoinSet::new();

    let open = desk.open(&config, ledger.clone(), broker.clone())?;
    let up = Up {
        running: Arc::new(AtomicBool::new(true)),
        links: open.up.clone(),
    };
    let serving = Shutdown::new();
    let readiness = readiness(&up, &db, &redis);
    let (address, _) =
        telemetry::serve(&config.telemetry, metrics, readiness, BUILD, serving.clone()).await?;
    info!(%address, "register starts");
    running.spawn(groundwork::lay(ledger.clone(), parts.clone()));
    running.spawn(keep_in_step(
        broker.clone(),
        db.clone(),
        config.mqtt.topics(),
        config.broker.reconcile,
        parts.clone(),
    ));

    shutdown.cancelled().await;
    up.running.store(false, Ordering::Relaxed);
    let deadline = config.shutdown.deadline;
    if Shutdown::within(deadline, "the desk", open.close())
        .await
        .is_err()
    {
        warn!(
            ?deadline,
            "not every request was answered; the broker sends the others again"
        );
    }
    parts.trigger();
    let ending = async { while running.join_next().await.is_some() {} };
    if let Err(error) = Shutdown::within(PARTS_WITHIN, "register", ending).await {
        warn!(%error, "something is cut off");
    }
    serving.trigger();
    info!("register has stopped");
    Ok(())
}

const BUILD: Build = Build {
    name: "register",
    version: env!("CARGO_PKG_VERSION"),
};
