//! The three engines for one test.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use engines::{Chdbd, ChdbdOptions, Mosquitto, MosquittoOptions, Redis, RedisOptions, Running};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;

/// Real Mosquitto, Redis and chdbd in a temporary folder, with an empty database of a fresh name. All end, and
/// the folder goes, when it is dropped.
#[derive(Debug)]
pub struct Stack {
    /// The broker.
    pub mosquitto: Running,
    /// The key-value store.
    pub redis: Running,
    /// The embedded ClickHouse.
    pub chdbd: Running,
    database: String,
    folder: TempDir,
}

impl Stack {
    /// Starts all three at once.
    ///
    /// # Errors
    /// When one is not installed (the message says how to install it) or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// Starts all three at once, the broker as `broker` would have it: it gets the options of [`Stack::start`], whose
    /// `data_dir` is the folder in which the broker runs, and may put files there.
    ///
    /// # Errors
    /// When one is not installed (the message says how to install it) or does not start.
    pub async fn start_with(broker: impl FnOnce(&mut MosquittoOptions)) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = |name: &str| folder.path().join(name);
        let mut chdbd = ChdbdOptions::new(data("clickhouse"));
        chdbd.program = Some(crate::binary("chdbd", "chdbd")?);
        let mut mosquitto = MosquittoOptions::new(data("mosquitto"));
        std::fs::create_dir_all(&mosquitto.data_dir)?;
        broker(&mut mosquitto);
        let (mosquitto, redis, chdbd) = tokio::try_join!(
            Mosquitto::start(mosquitto),
            Redis::start(RedisOptions::new(data("redis"))),
            Chdbd::start(chdbd),
        )?;
        let database = fresh_name();
        let stack = Self {
            mosquitto,
            redis,
            chdbd,
            database,
            folder,
        };
        let create = format!("CREATE DATABASE {}", stack.database);
        stack
            .clickhouse()
            .with_database("default")
            .query(&create)
            .execute()
            .await
            .context(create)?;
        Ok(stack)
    }

    /// The name of the test's own database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The address of ClickHouse's HTTP interface.
    pub fn clickhouse_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.chdbd.port())
    }

    /// The address of Redis.
    pub fn redis_url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.redis.port())
    }

    /// The port of the broker.
    pub fn mqtt_port(&self) -> u16 {
        self.mosquitto.port()
    }

    /// A folder for the test's own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client of the test's database.
    pub fn clickhouse(&self) -> clickhouse::Client {
        clickhouse_client(self.chdbd.port()).with_database(&self.database)
    }

    /// A connection to Redis.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn redis_connection(&self) -> anyhow::Result<redis::aio::MultiplexedConnection> {
        Ok(redis::Client::open(self.redis_url())?
            .get_multiplexed_async_connection()
            .await?)
    }

    /// An MQTT client with a clean session.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn mqtt(&self, client_id: &str) -> anyhow::Result<crate::MqttClient> {
        crate::MqttClient::connect(self.mqtt_port(), client_id).await
    }
}

/// A client of the ClickHouse on this loopback port. The crate's own leaves Nagle's algorithm on, which costs 40 ms
/// per small insert.
pub fn clickhouse_client(port: u16) -> clickhouse::Client {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
    clickhouse::Client::with_http_client(http).with_url(format!("http://127.0.0.1:{port}"))
}

fn fresh_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!(
        "test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    )
}
