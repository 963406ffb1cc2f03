//! The whole service: what starts in which order, and how it stops.

mod links;
mod readiness;
mod stop;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::{Actor, Addr, Arbiter};
use common::shutdown::Shutdown;
use common::telemetry::{self, Build, MetricsHandle, TelemetryError};
use connections::{Figure, Redis, Reporter, open_redis};
use store::redis_keys::RedisKeys;
use store::table::command_record::Kept;
use tokio::sync::mpsc;
use tracing::{info, warn};
use wal::{WalError, Writer};

use self::links::Links;
use self::readiness::{Up, readiness};
use self::stop::{Stopping, stop};
use self::workers::start_workers;
use crate::actor::{DbInserter, MqttClienter, RedisPxyer, WorkerManager};
use crate::clock::{self, Backlog, Refresh};
use crate::commit::Commit;
use crate::config::Config;
use crate::fleet::{Assets, DeviceIds};
use crate::message::{Acks, MsgCommandsInit, MsgConfirmAllLogin, MsgDeviceStatusInit};
use crate::restore;

/// Batches that may wait for the log.
const LOG_QUEUE: usize = 256;
/// How long ClickHouse may take for a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Why the service cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The write-ahead log.
    #[error("the write-ahead log cannot be used")]
    Wal(#[from] WalError),
    /// Logs, metrics or health.
    #[error("telemetry cannot start")]
    Telemetry(#[from] TelemetryError),
    /// The address of Redis is none.
    #[error("redis.url is not an address of Redis")]
    Redis(#[source] redis::RedisError),
    /// No broker is configured.
    #[error("mqtt.brokers is empty; name at least one broker as host:port")]
    NoBroker,
}

/// Runs until `shutdown`, then stops in order: intake, workers, log, inserter.
///
/// # Errors
/// [`ServiceError`] if it cannot start.
///
/// # Panics
/// Outside an actix system.
pub async fn run(config: Config, metrics: MetricsHandle, shutdown: Shutdown) -> Result<(), ServiceError> {
    if config.mqtt.brokers.is_empty() {
        return Err(ServiceError::NoBroker);
    }
    let up = Up::new(config.mqtt.brokers.len());
    let db = config.clickhouse.open(REQUEST_TIMEOUT);
    let redis = open_redis(&config.redis.url).map_err(ServiceError::Redis)?;
    let opened = wal::open(&config.wal.dir)?;
    let left = opened.segments.clone();
    let serving = Shutdown::new();
    let backlog = Backlog {
        gauge: opened.gauge(),
        limit: config.wal.max_bytes.as_u64(),
    };
    let readiness = readiness(&up, &db, &redis, &backlog);
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
    info!(%address, segments = left.len(), "ops_tcu starts");

    let known = tokio::select! {
        known = restore::fleet(&db, &left, config.device.node, REQUEST_TIMEOUT) => known?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let inserter = start(DbInserter::new(db.clone(), opened.id.clone(), left));
    let mut links = Links::new(&config);
    let clienter = start(MqttClienter::new(links.brokers()));
    let (ack_senders, ack_receivers): (Vec<_>, Vec<_>) = config
        .mqtt
        .brokers
        .iter()
        .map(|_| mpsc::unbounded_channel::<Acks>())
        .unzip();
    let commit = Commit::new(ack_senders, clienter.clone(), inserter.clone());
    let (log, log_thread) = Writer::start(opened, log_options(&config), commit)?;
    let pxyer = start(RedisPxyer::new(redis.clone(), up.redis.clone()));
    let ids = Arc::new(DeviceIds::new(
        config.device.node,
        known.versions.iter().map(|v| v.device_id).max().unwrap_or(0),
    ));
    let poll_rests = Arc::default();
    let workers = start_workers(&config, &log, &pxyer, &up, &ids, &poll_rests);
    // From here on only workers hold the log: it ends when the last of them has.
    drop(log);
    let assets = Assets::new(&known.versions);
    drop(known.versions);
    restore_sessions(&workers, assets.standing(), known.commands, redis).await;
    let stop_intake = Shutdown::new();
    let stop_outlet = Shutdown::new();
    let pollers = links.start(
        &config,
        &workers,
        &clienter,
        ack_receivers,
        (&stop_intake, &stop_outlet),
        &up.brokers,
    );
    let ticking = tokio::spawn(clock::tick(workers.clone(), backlog));
    let refreshing = tokio::spawn(clock::refresh(Refresh {
        workers: workers.clone(),
        inserter: inserter.clone(),
        db: db.clone(),
        every: config.device.refresh,
        patience: REQUEST_TIMEOUT,
        assets,
        digests: known.digests,
        ids,
        poll_rests,
    }));
    up.running.store(true, Ordering::Relaxed);
    info!("ops_tcu takes messages in");

    shutdown.cancelled().await;
    up.running.store(false, Ordering::Relaxed);
    ticking.abort();
    refreshing.abort();
    let deadline = config.shutdown.deadline;
    let stopping = stop(Stopping {
        stop_intake,
        stop_outlet,
        workers,
        log_thread,
        clienter,
        pollers,
        inserter,
        links: links.handles,
    });
    if Shutdown::within(deadline, "the orderly stop", stopping)
        .await
        .is_err()
    {
        warn!(
            ?deadline,
            "not everything was drained; the log keeps it for the next start"
        );
    }
    serving.trigger();
    let _ = reporting.await;
    info!("ops_tcu has stopped");
    Ok(())
}

const BUILD: Build = Build {
    name: "ops_tcu",
    version: env!("CARGO_PKG_VERSION"),
};

/// What is told of the service, beside its checks.
const FIGURES: [Figure; 8] = [
    figure("messages_per_second", "ops_tcu_frames_total", r#"direction="up""#),
    figure("sent_per_second", "ops_tcu_frames_total", r#"direction="down""#),
    figure("rows_per_second", "ops_tcu_drained_rows_total", ""),
    figure("backlog_bytes", "ops_tcu_wal_backlog_bytes", ""),
    figure("segments_waiting", "ops_tcu_segments_waiting", ""),
    figure("online", "ops_tcu_online", ""),
    figure("sessions", "ops_tcu_sessions", ""),
    figure("rejects_per_second", "ops_tcu_rejects_total", ""),
];

const fn figure(name: &'static str, metric: &'static str, label: &'static str) -> Figure {
    Figure { name, metric, label }
}

fn log_options(config: &Config) -> wal::Options {
    wal::Options {
        dir: PathBuf::from(&config.wal.dir),
        segment_bytes: config.wal.segment_bytes.as_u64(),
        segment_age: config.wal.segment_age,
        group_interval: config.wal.group_interval,
        max_bytes: config.wal.max_bytes.as_u64(),
        queue: LOG_QUEUE,
    }
}

/// Starts an actor on a thread of its own.
fn start<A: Actor<Context = actix::Context<A>> + Send>(actor: A) -> Addr<A> {
    A::start_in_arbiter(&Arbiter::new().handle(), |_| actor)
}

async fn restore_sessions(
    workers: &Addr<WorkerManager>,
    assets: Vec<crate::message::Asset>,
    commands: Vec<Kept>,
    mut redis: Redis,
) {
    let started = std::time::Instant::now();
    let piles = assets.len();
    let commands = restore::with_piles(commands, &assets, &mut redis).await;
    let _ = workers.send(MsgConfirmAllLogin(assets)).await;
    // Bucket by bucket: all at once would double the service's memory for a moment.
    for bucket in RedisKeys::default().state_buckets() {
        match restore::states(&mut redis, bucket).await {
            Ok(states) => drop(workers.send(MsgDeviceStatusInit(states)).await),
            Err(error) => {
                warn!(%error, "not all states from Redis; piles confirm themselves when they speak");
                break;
            }
        }
    }
    let known_commands = commands.len();
    // Behind the states: what waits for a pile that is online goes out at once.
    let _ = workers.send(MsgCommandsInit(commands)).await;
    info!(piles, commands = known_commands, took = ?started.elapsed(), "sessions restored");
}
