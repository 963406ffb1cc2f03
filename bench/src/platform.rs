//! The real programs, started for a measurement: ops_tcu on the engines of a stack, and tcu_sim.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use testkit::{Stack, WorkspaceProcess, wait_until};

/// A running ops_tcu.
pub(crate) struct OpsTcu {
    pub(crate) process: WorkspaceProcess,
    /// `http://…` of its metrics and health.
    pub(crate) telemetry: String,
}

impl OpsTcu {
    /// Starts it on `stack` and waits until it takes messages in.
    pub(crate) async fn start(stack: &Stack, extra: &[(&str, &str)]) -> anyhow::Result<Self> {
        let port = testkit::engines::listen_anywhere()?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let wal = stack.folder().join("wal");
        let settings = [
            ("OPS__MQTT__BROKERS", format!("127.0.0.1:{}", stack.mqtt_port())),
            ("OPS__CLICKHOUSE__URL", stack.clickhouse_url()),
            ("OPS__CLICKHOUSE__DATABASE", stack.database().to_owned()),
            ("OPS__REDIS__URL", stack.redis_url()),
            ("OPS__WAL__DIR", wal.display().to_string()),
            ("OPS__TELEMETRY__LISTEN", listen.clone()),
        ];
        let extra = extra.iter().map(|(key, value)| (*key, (*value).to_owned()));
        let environment = settings.into_iter().chain(extra).map(|(k, v)| (k.to_owned(), v));
        let log = stack.folder().join("ops_tcu.log");
        let process = WorkspaceProcess::spawn("ops_tcu", "ops_tcu", [""; 0], environment, log).await?;
        let telemetry = format!("http://{listen}");
        let started = Self { process, telemetry };
        wait_until(Duration::from_secs(30), async || started.is_ready().await)
            .await
            .with_context(|| format!("ops_tcu is not ready:\n{}", started.process.output()))?;
        Ok(started)
    }

    async fn is_ready(&self) -> bool {
        get(&format!("{}/health/ready", self.telemetry))
            .await
            .is_ok_and(|answer| answer.contains("\"ready\""))
    }

    /// Resident memory in MiB, as the kernel counts it.
    pub(crate) fn resident_mib(&self) -> anyhow::Result<f64> {
        resident_mib(self.process.pid().context("ops_tcu has ended")?)
    }

    /// Processor seconds used so far, user and system.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(self.process.pid().context("ops_tcu has ended")?)
    }
}

/// A service that tells its health over HTTP.
pub(crate) struct Service {
    pub(crate) process: WorkspaceProcess,
    /// `http://…` of that.
    pub(crate) base: String,
}

impl Service {
    /// Starts `name` on `stack` with these settings beside the addresses of the engines, and waits until it is ready.
    /// `listens` is the setting that says where its HTTP is.
    pub(crate) async fn start(
        stack: &Stack,
        name: &str,
        listens: &str,
        settings: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let listen = listen()?;
        let engines = [
            ("OPS__CLICKHOUSE__URL", stack.clickhouse_url()),
            ("OPS__CLICKHOUSE__DATABASE", stack.database().to_owned()),
            ("OPS__REDIS__URL", stack.redis_url()),
            ("OPS__MQTT__BROKER", format!("127.0.0.1:{}", stack.mqtt_port())),
            (listens, listen.clone()),
        ];
        let settings = settings.iter().map(|(key, value)| (*key, value.clone()));
        let environment = engines.into_iter().chain(settings);
        let environment = environment.map(|(key, value)| (key.to_owned(), value));
        let log = stack.folder().join(format!("{name}.log"));
        let process = WorkspaceProcess::spawn(name, name, [""; 0], environment, log).await?;
        let base = format!("http://{listen}");
        let started = Self { process, base };
        let ready = format!("{}/health/ready", started.base);
        wait_until(Duration::from_secs(60), async || {
            answer(&ready).await.is_ok_and(|(status, _)| status == 200)
        })
        .await
        .with_context(|| format!("{name} is not ready:\n{}", started.process.output()))?;
        Ok(started)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.process.pid().context("the service has ended")
    }
}

/// A free address on loopback.
pub(crate) fn listen() -> anyhow::Result<String> {
    let port = testkit::engines::listen_anywhere()?.local_addr()?.port();
    Ok(format!("127.0.0.1:{port}"))
}

/// Resident memory of a process in MiB, as the kernel counts it.
pub(crate) fn resident_mib(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// Processor seconds that a process has used, user and system.
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let rest = stat.rsplit_once(')').context("no name in stat")?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // The kernel counts in hundredths; fields 14 and 15 of the whole line.
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

/// The body of an HTTP answer, by a connection of its own.
pub(crate) async fn get(url: &str) -> anyhow::Result<String> {
    Ok(answer(url).await?.1)
}

/// Status and body.
async fn answer(url: &str) -> anyhow::Result<(u16, String)> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let rest = url.strip_prefix("http://").context("http only")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = tokio::net::TcpStream::connect(host).await?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok((status, body.to_owned()))
}

/// Runs tcu_sim to its end and gives its JSON report.
pub(crate) async fn tcu_sim(stack: &Stack, arguments: &[String]) -> anyhow::Result<serde_json::Value> {
    let report: PathBuf = stack.folder().join("tcu_sim.json");
    let broker = format!("127.0.0.1:{}", stack.mqtt_port());
    let fixed = [
        "--quiet".into(),
        "--brokers".into(),
        broker,
        "--json".into(),
        report.display().to_string(),
    ];
    let all = fixed.into_iter().chain(arguments.iter().cloned());
    let log = stack.folder().join("tcu_sim.log");
    let mut process = WorkspaceProcess::spawn("simulator", "tcu_sim", all, [], log).await?;
    loop {
        if let Some(status) = process.ended()? {
            anyhow::ensure!(
                status.success(),
                "tcu_sim ended with {status}:\n{}",
                process.output()
            );
            return Ok(serde_json::from_slice(&std::fs::read(&report)?)?);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
