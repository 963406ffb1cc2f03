//! `ops_tcu` as operators run it: a program with a configuration file, its log, its metrics.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use testkit::{Stack, WorkspaceProcess, logged};

use super::{SOON, http, until};

/// How it is configured: a file for what every test needs, the environment for what one test changes.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) folder: PathBuf,
    file: String,
    environment: Vec<(String, String)>,
}

impl Settings {
    /// For the servers of `stack`: rows are visible after a fifth of a second, logs are JSON.
    pub(crate) fn of(stack: &Stack) -> Self {
        let folder = stack.folder().to_owned();
        let file = format!(
            r#"
            [mqtt]
            brokers = ["127.0.0.1:{mqtt}"]
            [worker]
            shards = 2
            [wal]
            dir = "{folder}/wal"
            segment_age = "200ms"
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
            folder = folder.display(),
            clickhouse = stack.clickhouse_url(),
            database = stack.database(),
            redis = stack.redis_url(),
        );
        Self {
            folder,
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

    /// Starts the program, with these arguments beside `--config`.
    pub(crate) async fn run(&self, arguments: &[&str]) -> anyhow::Result<WorkspaceProcess> {
        static STARTS: AtomicU32 = AtomicU32::new(0);
        let start = STARTS.fetch_add(1, Ordering::Relaxed);
        let config = self.folder.join("ops_tcu.toml");
        std::fs::write(&config, &self.file)?;
        let config = config.display().to_string();
        let all = ["--config", &config].into_iter().chain(arguments.iter().copied());
        let log = self.folder.join(format!("ops_tcu.{start}.log"));
        WorkspaceProcess::spawn("ops_tcu", "ops_tcu", all, self.environment.clone(), log).await
    }
}

/// A running `ops_tcu`; killed when dropped.
pub(crate) struct OpsTcu {
    process: WorkspaceProcess,
    address: SocketAddr,
    settings: Settings,
    /// What the programs before this one have logged.
    earlier: String,
}

impl OpsTcu {
    /// Starts it and waits until it can be asked how it does, which is before it takes messages in.
    pub(crate) async fn spawn(settings: &Settings) -> anyhow::Result<Self> {
        let mut process = settings.run(&[]).await?;
        let mut address = None;
        until("ops_tcu says where it listens", SOON, async || {
            address =
                logged(&process.output(), "ops_tcu starts").and_then(|l| l["address"].as_str()?.parse().ok());
            address.is_some() || !matches!(process.ended(), Ok(None))
        })
        .await?;
        let address = address.with_context(|| format!("ops_tcu ended: {}", process.output()))?;
        Ok(Self {
            process,
            address,
            settings: settings.clone(),
            earlier: String::new(),
        })
    }

    /// Waits until it takes messages in and everything it needs is there.
    pub(crate) async fn until_ready(&self) -> anyhow::Result<()> {
        let waited = until("ops_tcu is ready", SOON, async || {
            self.is_ready().await == Some(true)
        });
        waited.await.with_context(|| self.process.output())
    }

    /// Whether everything it needs is there; nothing if it does not answer.
    pub(crate) async fn is_ready(&self) -> Option<bool> {
        let (status, _) = self.get("/health/ready").await.ok()?;
        Some(status == 200)
    }

    /// As by `kill -9`.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill().await
    }

    /// SIGTERM; the exit code.
    pub(crate) async fn stop(&mut self, within: Duration) -> anyhow::Result<Option<i32>> {
        Ok(self.process.stop(within).await?.code())
    }

    /// Other values for some settings, from the next start on.
    pub(crate) fn set(&mut self, settings: &[(&str, &str)]) {
        self.settings = self.settings.clone().with(settings);
    }

    /// Starts it again once it has ended, and waits until it is ready.
    pub(crate) async fn start_again(&mut self) -> anyhow::Result<()> {
        self.start_again_unready().await?;
        self.until_ready().await
    }

    /// Starts it again once it has ended, whatever it misses.
    pub(crate) async fn start_again_unready(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.process.ended()?.is_some(), "ops_tcu runs already");
        let next = Self::spawn(&self.settings).await?;
        let earlier = self.log();
        *self = Self { earlier, ..next };
        Ok(())
    }

    /// Another program with the same settings, which this test does not expect to live long.
    pub(crate) async fn twin(&self) -> anyhow::Result<WorkspaceProcess> {
        self.settings.run(&[]).await
    }

    /// A GET on its own port.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        http::get(self.address, path).await
    }

    /// The sum of a metric's samples whose labels contain `label`.
    pub(crate) async fn metric(&self, name: &str, label: &str) -> anyhow::Result<f64> {
        let (_, text) = self.get("/metrics").await?;
        Ok(testkit::metric_sum(&text, name, label))
    }

    /// Everything that it, and the programs before it, have logged.
    pub(crate) fn log(&self) -> String {
        format!("{}{}", self.earlier, self.process.output())
    }

    /// Fails if anything panicked or was logged as an error.
    pub(crate) fn assert_log_is_clean(&self) {
        testkit::assert_log_is_clean(&self.log());
    }

    /// The write-ahead log's files.
    pub(crate) fn segments(&self) -> anyhow::Result<Vec<PathBuf>> {
        segments(&self.settings.folder.join("wal"))
    }
}

fn segments(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "wal") {
            found.push(path);
        }
    }
    Ok(found)
}
