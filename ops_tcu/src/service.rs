//! The whole service: what starts in which order, and how it stops.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::{Actor, Addr, Arbiter};
use common::shutdown::Shutdown;
use common::telemetry::{self, Build, MetricsHandle, Readiness, TelemetryError};
use protocol::topic::{Topics, shared};
use redis::aio::ConnectionManager;
use store::redis_keys::RedisKeys;
use store::{Clickhouse, ClickhouseOptions};
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};
use wal::{WalError, Writer};

use crate::actor::{
    Broker, DbInserter, MqttClienter, MqttEventPoller, RedisPxyer, TcuServer, TcuServerParts, WhenDrained,
    WorkerManager,
};
use crate::clock::{self, Refresh};
use crate::commit::{Commit, Receipt};
use crate::config::{Config, DeviceConfig};
use crate::fleet::{Core, DeviceIds, Rules, Shard, WarnNames};
use crate::intake::{Collector, IntakeParts};
use crate::message::{Acks, MsgConfirmAllLogin, MsgDeviceStatusInit, MsgEventLoopStart, StopWorker};
use crate::mqtt::{Handle, Link, LinkOptions};
use crate::restore;

/// Batches that may wait for the log.
const LOG_QUEUE: usize = 256;
/// How long ClickHouse may take for a connection, and for a request.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
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
    let db = clickhouse(&config);
    let redis = redis_connection(&config)?;
    let opened = wal::open(&config.wal.dir)?;
    let left = opened.segments.clone();
    let serving = Shutdown::new();
    let readiness = readiness(&up, &db, &redis);
    let (address, _) =
        telemetry::serve(&config.telemetry, metrics, readiness, BUILD, serving.clone()).await?;
    info!(%address, segments = left.len(), "ops_tcu starts");

    let assets = tokio::select! {
        assets = restore::fleet(&db, &left) => assets?,
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
    let backlog = log.gauge().clone();
    let pxyer = start(RedisPxyer::new(redis.clone(), up.redis.clone()));
    let ids = Arc::new(DeviceIds::new(
        config.device.node,
        assets.iter().map(|a| a.device_id).max().unwrap_or(0),
    ));
    let workers = start_workers(&config, &log, &pxyer, &up, &ids);
    // From here on only workers hold the log: it ends when the last of them has.
    drop(log);
    let version = assets.iter().map(|a| a.version).max().unwrap_or(0);
    restore_sessions(&workers, assets, redis).await;
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
        version,
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
    info!("ops_tcu has stopped");
    Ok(())
}

const BUILD: Build = Build {
    name: "ops_tcu",
    version: env!("CARGO_PKG_VERSION"),
};

/// Flags that readiness looks at.
#[derive(Clone)]
struct Up {
    running: Arc<AtomicBool>,
    redis: Arc<AtomicBool>,
    brokers: Vec<Arc<AtomicBool>>,
}

impl Up {
    fn new(brokers: usize) -> Self {
        Self {
            running: Arc::default(),
            redis: Arc::new(AtomicBool::new(true)),
            brokers: (0..brokers).map(|_| Arc::default()).collect(),
        }
    }
}

fn readiness(up: &Up, db: &Clickhouse, redis: &ConnectionManager) -> Readiness {
    let (running, brokers) = (up.running.clone(), up.brokers.clone());
    let (db, redis) = (db.clone(), redis.clone());
    Readiness::new()
        .with("intake", move || {
            let ready = running.load(Ordering::Relaxed);
            async move {
                ready
                    .then_some(())
                    .ok_or_else(|| "starting or stopping".to_owned())
            }
        })
        .with("broker", move || {
            let down = brokers.iter().filter(|b| !b.load(Ordering::Relaxed)).count();
            async move {
                (down == 0)
                    .then_some(())
                    .ok_or_else(|| format!("{down} broker connections are down"))
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

fn clickhouse(config: &Config) -> Clickhouse {
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
fn redis_connection(config: &Config) -> Result<ConnectionManager, ServiceError> {
    let client = redis::Client::open(config.redis.url.expose()).map_err(ServiceError::Redis)?;
    let options = redis::aio::ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(Duration::from_secs(1)))
        .set_response_timeout(Some(Duration::from_secs(2)));
    ConnectionManager::new_lazy_with_config(client, options).map_err(ServiceError::Redis)
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

fn start_workers(
    config: &Config,
    log: &Writer<Receipt>,
    redis: &Addr<RedisPxyer>,
    up: &Up,
    ids: &Arc<DeviceIds>,
) -> Addr<WorkerManager> {
    let warn_names = Arc::new(WarnNames::default());
    let worker = |number| {
        let topics = Topics::new(&config.mqtt.org, &config.mqtt.kind);
        let core = Core::new(topics, rules(&config.device), ids.clone(), warn_names.clone());
        let parts = TcuServerParts {
            shard: Shard::new(core),
            log: log.clone(),
            redis: redis.clone(),
            redis_up: up.redis.clone(),
            number,
        };
        start(TcuServer::new(parts))
    };
    start(WorkerManager::new(
        (0..config.worker.shard_count()).map(worker).collect(),
    ))
}

fn rules(device: &DeviceConfig) -> Rules {
    let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Rules {
        unknown_device: device.unknown_device,
        dt_id: device.dt_id,
        offline_after: ms(device.offline_after),
        component_poll: ms(device.component_poll),
        command_timeout: ms(device.command_timeout),
        storm: device.storm_per_minute,
    }
}

async fn restore_sessions(
    workers: &Addr<WorkerManager>,
    assets: Vec<crate::message::Asset>,
    mut redis: ConnectionManager,
) {
    let started = std::time::Instant::now();
    let piles = assets.len();
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
    info!(piles, took = ?started.elapsed(), "sessions restored");
}

/// The connections to every broker.
struct Links {
    incoming: Vec<Link>,
    outgoing: Vec<Link>,
    handles: Vec<(Handle, Handle)>,
}

impl Links {
    fn new(config: &Config) -> Self {
        let mut links = Self {
            incoming: Vec::new(),
            outgoing: Vec::new(),
            handles: Vec::new(),
        };
        for number in 0..config.mqtt.brokers.len() {
            let (incoming, in_handle) = Link::new(&link_options(config, number, true));
            let (outgoing, out_handle) = Link::new(&link_options(config, number, false));
            links.incoming.push(incoming);
            links.outgoing.push(outgoing);
            links.handles.push((in_handle, out_handle));
        }
        links
    }

    fn brokers(&self) -> Vec<Broker> {
        let both = |(incoming, outgoing): &(Handle, Handle)| Broker {
            incoming: incoming.clone(),
            outgoing: outgoing.clone(),
        };
        self.handles.iter().map(both).collect()
    }

    fn start(
        &mut self,
        config: &Config,
        workers: &Addr<WorkerManager>,
        clienter: &Addr<MqttClienter>,
        durable: Vec<mpsc::UnboundedReceiver<Acks>>,
        (stop_intake, stop_outlet): (&Shutdown, &Shutdown),
        up: &[Arc<AtomicBool>],
    ) -> Vec<oneshot::Receiver<()>> {
        let links = self
            .incoming
            .drain(..)
            .zip(self.outgoing.drain(..))
            .zip(durable)
            .enumerate();
        links
            .map(|(number, ((incoming, outgoing), durable))| {
                let topics = Topics::new(&config.mqtt.org, &config.mqtt.kind);
                let shards = config.worker.shard_count();
                let parts = IntakeParts {
                    number: number as u8,
                    handle: self.handles[number].0.clone(),
                    filters: filters(config, &topics),
                    collector: Collector::new(topics, shards, config.worker.batch_messages, number as u8),
                    batch_age: config.worker.batch_age,
                    workers: workers.clone(),
                    clienter: clienter.clone(),
                    durable,
                    up: up[number].clone(),
                };
                let (done, when_done) = oneshot::channel();
                let incoming = (incoming, parts, stop_intake.clone());
                let poller = start(MqttEventPoller::new(
                    incoming,
                    (outgoing, stop_outlet.clone()),
                    done,
                ));
                poller
                    .try_send(MsgEventLoopStart)
                    .expect("a new actor's mailbox has room");
                when_done
            })
            .collect()
    }
}

fn link_options(config: &Config, number: usize, intake: bool) -> LinkOptions {
    let mqtt = &config.mqtt;
    // One session per broker; the first keeps the plain name.
    let name = if number == 0 {
        mqtt.client_id.clone()
    } else {
        format!("{}-{number}", mqtt.client_id)
    };
    LinkOptions {
        version: mqtt.version,
        address: mqtt.brokers[number].clone(),
        client_id: if intake { name } else { format!("{name}-out") },
        credentials: (!mqtt.username.is_empty()).then(|| (mqtt.username.clone(), mqtt.password.clone())),
        intake,
        session_expiry: mqtt.session_expiry,
        keep_alive: mqtt.keep_alive,
        max_packet: mqtt.max_packet.as_u64() as usize,
        receive_maximum: mqtt.receive_maximum,
        queue: mqtt.outgoing_queue,
    }
}

fn filters(config: &Config, topics: &Topics) -> Vec<String> {
    let filters = [
        topics.msg_filter(),
        topics.cmd_resp_filter(),
        topics.status_filter(),
        topics.proxy_cmd_filter(),
    ];
    let group = &config.mqtt.share_group;
    filters
        .into_iter()
        .map(|f| if group.is_empty() { f } else { shared(group, &f) })
        .collect()
}

struct Stopping {
    stop_intake: Shutdown,
    stop_outlet: Shutdown,
    workers: Addr<WorkerManager>,
    log_thread: std::thread::JoinHandle<()>,
    pollers: Vec<oneshot::Receiver<()>>,
    inserter: Addr<DbInserter>,
    links: Vec<(Handle, Handle)>,
}

/// Each stage ends before the next is told, so that nothing is handed to somebody who has gone.
async fn stop(parts: Stopping) {
    parts.stop_intake.trigger();
    // What the intake flushes at its end lies in the mailbox before this.
    let _ = parts.workers.send(StopWorker).await;
    // The last worker's end is the log's: it writes, syncs, tells and closes its segment.
    let _ = tokio::task::spawn_blocking(move || parts.log_thread.join()).await;
    parts.stop_outlet.trigger();
    for (_, outgoing) in &parts.links {
        // Behind the last replies in the queue.
        let _ = outgoing.disconnect();
    }
    for poller in parts.pollers {
        let _ = poller.await;
    }
    let (asked, drained) = oneshot::channel();
    if parts.inserter.try_send(WhenDrained(asked)).is_ok() {
        let _ = drained.await;
    }
}
