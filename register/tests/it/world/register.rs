//! `register` as operators run it: a program with a configuration file, its log, its metrics.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use testkit::{Stack, WorkspaceProcess, logged};

use super::{SOON, http, until};

/// How it is configured: a file for what every test needs, the environment for what one test changes.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    folder: PathBuf,
    name: String,
    file: String,
    environment: Vec<(String, String)>,
}

impl Settings {
    /// For the servers of `stack`, under a client id of its own. Nobody is told of accounts, logs are JSON.
    pub(crate) fn of(stack: &Stack, name: &str) -> Self {
        let file = format!(
            r#"
            [mqtt]
            brokers = ["127.0.0.1:{mqtt}"]
            client_id = "{name}"
            username = ""
            share_group = "register"
            [registration]
            requests_per_sn = 100
            refill = "1s"
            requests_per_second = 100000
            [broker]
            kind = "none"
            [http]
            listen = "127.0.0.1:0"
            [clickhouse]
            url = "{clickhouse}"
            database = "{database}"
            [redis]
            url = "{redis}"
            [telemetry]
            listen = "127.0.0.1:0"
            [log]
            format = "json"
            "#,
            mqtt = stack.mqtt_port(),
            clickhouse = stack.clickhouse_url(),
            database = stack.database(),
            redis = stack.redis_url(),
        );
        Self {
            folder: stack.folder().to_owned(),
            name: name.to_owned(),
            file,
            environment: Vec::new(),
        }
    }

    /// With other values for some settings, each named `SECTION__KEY`.
    pub(crate) fn with(mut self, settings: &[(&str, &str)]) -> Self {
        let variable = |(key, value): &(&str, &str)| (format!("OPS__{key}"), (*value).to_owned());
        self.environment.extend(settings.iter().map(variable));
        self
    }

    async fn run(&self) -> anyhow::Result<WorkspaceProcess> {
        static STARTS: AtomicU32 = AtomicU32::new(0);
        let start = STARTS.fetch_add(1, Ordering::Relaxed);
        let config = self.folder.join(format!("{}.toml", self.name));
        std::fs::write(&config, &self.file)?;
        let arguments = ["--config".to_owned(), config.display().to_string()];
        let log = self.folder.join(format!("{}.{start}.log", self.name));
        let environment = self.environment.clone();
        WorkspaceProcess::spawn("register", "register", arguments, environment, log).await
    }
}

/// A running `register`; killed when dropped.
pub(crate) struct Register {
    process: WorkspaceProcess,
    address: SocketAddr,
    settings: Settings,
    /// What the programs before this one have logged.
    earlier: String,
}

impl Register {
    /// Starts it and waits until everything it needs is there.
    pub(crate) async fn start(settings: &Settings) -> anyhow::Result<Self> {
        let register = Self::spawn(settings).await?;
        register.until_ready().await?;
        Ok(register)
    }

    /// Starts it and waits until it can be asked how it does.
    pub(crate) async fn spawn(settings: &Settings) -> anyhow::Result<Self> {
        let mut process = settings.run().await?;
        let mut address = None;
        until("register says where it listens", SOON, async || {
            let line = logged(&process.output(), "register starts");
            address = line.and_then(|line| line["address"].as_str()?.parse().ok());
            address.is_some() || !matches!(process.ended(), Ok(None))
        })
        .await?;
        let address = address.with_context(|| format!("register ended: {}", process.output()))?;
        Ok(Self {
            process,
            address,
            settings: settings.clone(),
            earlier: String::new(),
        })
    }

    /// Waits until requests come in and everything it needs is there.
    pub(crate) async fn until_ready(&self) -> anyhow::Result<()> {
        let ready = until("register is ready", SOON, async || {
            let laid = logged(&self.log(), "the uuid counter stands above every known uuid").is_some();
            laid && self.health().await.is_ok_and(|(ready, _)| ready)
        });
        ready.await.with_context(|| self.process.output())
    }

    /// Whether it is ready, and what of each dependency.
    pub(crate) async fn health(&self) -> anyhow::Result<(bool, Value)> {
        let (status, body) = http::get(self.address, "/health/ready").await?;
        Ok((status == 200, serde_json::from_str(&body)?))
    }

    /// As by `kill -9`.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill().await
    }

    /// SIGTERM; the exit code.
    pub(crate) async fn stop(&mut self, within: Duration) -> anyhow::Result<Option<i32>> {
        Ok(self.process.stop(within).await?.code())
    }

    /// Starts it again once it has ended.
    pub(crate) async fn start_again(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.process.ended()?.is_some(), "register runs already");
        let next = Self::spawn(&self.settings).await?;
        let earlier = self.log();
        *self = Self { earlier, ..next };
        Ok(())
    }

    /// The sum of a metric's samples whose labels contain `label`.
    pub(crate) async fn metric(&self, name: &str, label: &str) -> anyhow::Result<f64> {
        let (_, text) = http::get(self.address, "/metrics").await?;
        Ok(testkit::metric_sum(&text, name, label))
    }

    /// Everything that it, and the programs before it, have logged.
    pub(crate) fn log(&self) -> String {
        format!("{}{}", self.earlier, self.process.output())
    }

    /// Fails if anything panicked or was logged as an error, or if a password was logged.
    pub(crate) fn assert_log_is_clean(&self) {
        testkit::assert_log_is_clean(&self.log());
    }
}
