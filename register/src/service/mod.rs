//! The whole service: what starts in which order, and how it stops.

mod groundwork;
mod readiness;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use common::shutdown::Shutdown;
use common::telemetry::{self, Build, MetricsHandle, TelemetryError};
use connections::{Figure, Reporter};
use store::redis_keys::RedisKeys;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{info, warn};

use self::readiness::{Up, readiness};
use crate::broker::{Broker, BrokerError, keep_in_step};
use crate::config::{Config, Mode};
use crate::desk::Desk;
use crate::directory::Directory;
use crate::http::hooks::{self, Hooks, OpenAccess};
use crate::http::{self, HttpError, Token, api};
use crate::ledger::Ledger;
use crate::operations::Operations;
use crate::watch::{Sighting, Watch};

/// Why the service cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Logs, metrics or health.
    #[error("telemetry cannot start")]
    Telemetry(#[from] TelemetryError),
    /// The address of Redis is none.
    #[error("redis.url is not an address of Redis")]
    Redis(#[source] redis::RedisError),
    /// Hooks and interface.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Who keeps the door cannot be told.
    #[error("the broker's accounts cannot be kept")]
    Broker(#[from] BrokerError),
}

/// How long ClickHouse may take for a request: a TCU waits for the answer, and all of them together stay below
/// `registration.lock`.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the parts that hold nothing may take to end.
const PARTS_WITHIN: Duration = Duration::from_secs(2);

/// Sightings of addresses that may wait for the watch; one that is dropped is seen again at the next login.
const SIGHTINGS: usize = 4_096;

/// Runs until `shutdown`, then stops in order: no more requests, answers to those that wait, then everything else.
///
/// # Errors
/// [`ServiceError`] if it cannot start.
pub async fn run(config: Config, metrics: MetricsHandle, shutdown: Shutdown) -> Result<(), ServiceError> {
    let db = config.clickhouse.open(REQUEST_TIMEOUT);
    let redis = config.redis.open().map_err(ServiceError::Redis)?;
    let lock_for = config.registration.lock;
    let ledger = Ledger::new(db.clone(), redis.clone(), RedisKeys::default(), lock_for);
    let broker = Broker::new(&config)?;
    let desk = Desk::new(&config);
    let refresh = config.access.refresh;
    let operations = Operations::new(ledger.clone(), broker.clone(), desk.outlet(), &config.access);
    // Raised behind the desk's end, for everything that does not owe anybody an answer.
    let parts = Shutdown::new();
    let open_door = config.access.mode == Mode::Open;
    let directory = Directory::start(db.clone(), refresh, open_door, parts.clone());
    let open_access = OpenAccess::new();
    let (sightings, seen) = mpsc::channel(SIGHTINGS);
    let rooms = rooms(&config, &directory, &open_access, sightings, &operations);
    let door = http::bind(config.http.listen, http::app(rooms)).await?;
    let http_address = door.address();

    let open = desk.open(&config, ledger.clone(), broker.clone());
    let up = Up {
        running: Arc::new(AtomicBool::new(true)),
        links: open.up.clone(),
    };
    let serving = Shutdown::new();
    let readiness = readiness(&up, &db, &redis, &directory);
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
    info!(%address, %http_address, "register starts");

    let mut running = JoinSet::new();
    running.spawn(groundwork::lay(ledger, parts.clone()));
    running.spawn(keep_in_step(
        broker,
        db.clone(),
        config.mqtt.topics(),
        config.broker.reconcile,
        parts.clone(),
    ));
    running.spawn(Watch::new(operations, config.duplicate.clone(), seen).run(parts.clone()));
    running.spawn(open_access.keep_writing(db, parts.clone()));
    let deadline = config.shutdown.deadline;
    let mut answering = tokio::spawn(door.serve(parts.clone(), PARTS_WITHIN));

    let failed = tokio::select! {
        () = shutdown.cancelled() => None,
        // It serves until it is told to stop; without it a broker would let nobody in.
        ended = &mut answering => Some(ended.unwrap_or(Ok(()))),
    };
    up.running.store(false, Ordering::Relaxed);
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
    let ending = async {
        while running.join_next().await.is_some() {}
        if failed.is_none() {
            let _ = answering.await;
        }
    };
    if let Err(error) = Shutdown::within(PARTS_WITHIN, "a part of register", ending).await {
        warn!(%error, "it is cut off");
    }
    serving.trigger();
    let _ = reporting.await;
    info!("register has stopped");
    Ok(failed.unwrap_or(Ok(()))?)
}

/// What is served over HTTP: hooks and staff's interface, each only with its token.
fn rooms(
    config: &Config,
    directory: &Directory,
    open_access: &OpenAccess,
    sightings: mpsc::Sender<Sighting>,
    operations: &Operations,
) -> Vec<Router> {
    let topics = config.mqtt.topics();
    let directory = directory.clone();
    let hooks = Hooks::new(
        directory,
        topics,
        &config.access,
        open_access.clone(),
        Some(sightings),
    );
    let hooks = Token::new(&config.http.hook_token).map(|token| hooks::routes(Arc::new(hooks), token));
    let api = api::routes(operations.clone(), &config.http.api_token);
    hooks.into_iter().chain([api]).collect()
}

/// What is told of the service, beside its checks.
const FIGURES: [Figure; 3] = [
    figure("requests_per_second", "register_requests_total"),
    figure("registrations", "register_directory_registrations"),
    figure("accounts", "register_directory_accounts"),
];

const fn figure(name: &'static str, metric: &'static str) -> Figure {
    let label = "";
    Figure { name, metric, label }
}

const BUILD: Build = Build {
    name: "register",
    version: env!("CARGO_PKG_VERSION"),
};
