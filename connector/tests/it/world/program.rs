//! A service as operators run it: a program with a configuration file, its log, its health.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use testkit::{WorkspaceProcess, logged};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{SOON, until};

/// A running service; killed when dropped.
pub(crate) struct Program {
    name: &'static str,
    settings: String,
    folder: PathBuf,
    process: WorkspaceProcess,
    address: SocketAddr,
}

impl Program {
    /// Starts it and waits until it can be asked how it does.
    pub(crate) async fn start(name: &'static str, settings: &str, folder: &Path) -> anyhow::Result<Self> {
        static STARTS: AtomicU32 = AtomicU32::new(0);
        let start = STARTS.fetch_add(1, Ordering::Relaxed);
        let config = folder.join(format!("{name}.{start}.toml"));
        std::fs::write(&config, settings)?;
        let arguments = ["--config".to_owned(), config.display().to_string()];
        let log = folder.join(format!("{name}.{start}.log"));
        let environment: [(String, String); 0] = [];
        let mut process = WorkspaceProcess::spawn(name, name, arguments, environment, log).await?;
        let mut address = None;
        until("a service says where it listens", SOON, async || {
            let line = logged(&process.output(), &format!("{name} starts"));
            address = line.and_then(|line| line["address"].as_str()?.parse().ok());
            address.is_some() || !matches!(process.ended(), Ok(None))
        })
        .await?;
        let address = address.with_context(|| format!("{name} ended: {}", process.output()))?;
        Ok(Self {
            name,
            settings: settings.to_owned(),
            folder: folder.to_owned(),
            process,
            address,
        })
    }

    /// Waits until everything it needs is there.
    pub(crate) async fn until_ready(&self) -> anyhow::Result<()> {
        let ready = until("a service is ready", SOON, async || {
            self.get("/health/ready")
                .await
                .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
        });
        ready.await.with_context(|| self.process.output())
    }

    /// Whether it works: of several connectors one does.
    pub(crate) async fn works(&self) -> bool {
        let metrics = self.get("/metrics").await.unwrap_or_default();
        metrics.lines().any(|line| line == "connector_working 1")
    }

    /// As by `kill -9`.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill().await
    }

    /// SIGTERM; it must end in order.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let status = self.process.stop(Duration::from_secs(60)).await?;
        anyhow::ensure!(status.success(), "{status}: {}", self.process.output());
        Ok(())
    }

    /// The same again, once it has ended.
    pub(crate) async fn start_again(&mut self) -> anyhow::Result<()> {
        *self = Self::start(self.name, &self.settings, &self.folder).await?;
        self.until_ready().await
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.process.output()
    }

    async fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}
