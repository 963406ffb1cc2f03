//! A reconnect storm at register's hooks: 200,000 accounts in ClickHouse, the real program, and a generator that
//! asks over connections that stay open, one question at a time on each, as EMQX's pool does.

mod fleet;
mod storm;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use testkit::{Stack, WorkspaceProcess, wait_until};

use crate::platform::{cpu_seconds, get, resident_mib};
use storm::{Measured, Mix};

const TOKEN: &str = "bench-token";

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Registered piles; each connects once in a storm
    #[arg(long, default_value_t = 200_000)]
    piles: u64,
    /// Connections of the broker, one storm for each number
    #[arg(long, value_delimiter = ',', default_values_t = [8, 32, 64])]
    connections: Vec<usize>,
}

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let first = Register::start(&stack).await?;
    let empty = resident_mib(first.pid()?)?;
    drop(first);
    fleet::fill(&stack, options.piles).await?;
    let register = Register::start(&stack).await?;
    let loaded = resident_mib(register.pid()?)?;
    println!("{} registered piles", options.piles);
    println!("accounts loaded: {}", register.loaded_line()?);
    println!("until it answers: {:.2} s", register.took.as_secs_f64());
    println!("resident: {empty:.0} MiB empty, {loaded:.0} MiB loaded");
    for mix in [Mix::Right, Mix::Storm] {
        for &connections in &options.connections {
            one_storm(&register, options, connections, mix).await?;
        }
    }
    println!(
        "resident after the storms: {:.0} MiB",
        resident_mib(register.pid()?)?
    );
    Ok(())
}

async fn one_storm(
    register: &Register,
    options: &Options,
    connections: usize,
    mix: Mix,
) -> anyhow::Result<()> {
    let before = cpu_seconds(register.pid()?)?;
    let Measured { took, mut latencies } = storm::run(&register.hooks, options.piles, connections, mix)
        .await
        .with_context(|| format!("register said:\n{}", register.process.output()))?;
    let cpu = cpu_seconds(register.pid()?)? - before;
    latencies.sort_unstable();
    let at = |share: f64| f64::from(latencies[(latencies.len() as f64 * share) as usize]) / 1000.0;
    let asked = latencies.len() as f64;
    println!(
        "{:<42} {connections:>3} connections: {:>7.0}/s (bar 20,000)   p50 {:>6.2} ms   p99 {:>6.2} ms   {:.1} µs of processor each",
        mix.describe(),
        asked / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        cpu * 1e6 / asked,
    );
    Ok(())
}

/// A running register that answers.
struct Register {
    process: WorkspaceProcess,
    /// `host:port` of its hooks.
    hooks: String,
    took: Duration,
}

impl Register {
    async fn start(stack: &Stack) -> anyhow::Result<Self> {
        let free = || anyhow::Ok(testkit::engines::listen_anywhere()?.local_addr()?.to_string());
        let (hooks, telemetry) = (free()?, free()?);
        let settings = [
            ("OPS__MQTT__BROKERS", format!("127.0.0.1:{}", stack.mqtt_port())),
            ("OPS__CLICKHOUSE__URL", stack.clickhouse_url()),
            ("OPS__CLICKHOUSE__DATABASE", stack.database().to_owned()),
            ("OPS__REDIS__URL", stack.redis_url()),
            ("OPS__BROKER__KIND", "none".to_owned()),
            ("OPS__HTTP__LISTEN", hooks.clone()),
            ("OPS__HTTP__HOOK_TOKEN", TOKEN.to_owned()),
            ("OPS__TELEMETRY__LISTEN", telemetry.clone()),
        ];
        let environment = settings.map(|(key, value)| (key.to_owned(), value));
        let log = stack.folder().join(format!("register-{hooks}.log"));
        let begun = Instant::now();
        let process = WorkspaceProcess::spawn("register", "register", [""; 0], environment, log).await?;
        let started = Self {
            process,
            hooks,
            took: Duration::ZERO,
        };
        let loaded = async || started.loaded_line().is_ok();
        wait_until(Duration::from_secs(60), loaded)
            .await
            .with_context(|| format!("register does not load:\n{}", started.process.output()))?;
        let took = begun.elapsed();
        let ready = format!("http://{telemetry}/health/ready");
        wait_until(Duration::from_secs(30), async || {
            get(&ready).await.is_ok_and(|answer| answer.contains("\"ready\""))
        })
        .await
        .with_context(|| format!("register is not ready:\n{}", started.process.output()))?;
        Ok(Self { took, ..started })
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.process.pid().context("register has ended")
    }

    fn loaded_line(&self) -> anyhow::Result<String> {
        let output = self.process.output();
        let line = output.lines().find(|line| line.contains("accounts loaded"));
        let line = line.context("no word of loading")?;
        Ok(line
            .split_once("accounts loaded")
            .map_or("", |(_, rest)| rest)
            .trim()
            .to_owned())
    }
}
