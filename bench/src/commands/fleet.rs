//! The simulated fleet, and what each of its piles heard.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;
use testkit::{WorkspaceProcess, wait_until};

use super::site::Site;

/// For the whole fleet to connect and be known to the platform.
const UNTIL_ONLINE: Duration = Duration::from_secs(600);

/// A running tcu_sim.
pub(super) struct Fleet {
    process: WorkspaceProcess,
    report: std::path::PathBuf,
    commands: std::path::PathBuf,
    /// device_id by uuid.
    pub(super) piles: HashMap<String, u64>,
}

/// One command, as a pile heard it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Heard {
    pub(super) uuid: String,
    pub(super) command: String,
    /// Unix µs.
    pub(super) heard_us: u64,
    pub(super) times: u32,
    /// Unix µs.
    pub(super) answered_us: Option<u64>,
}

/// What a fleet tells at its end.
pub(super) struct Told {
    pub(super) report: Value,
    pub(super) commands: Vec<Heard>,
}

impl Fleet {
    /// Waits until every pile has logged in and has an asset.
    pub(super) async fn start(site: &Site, piles: u32, arguments: &[&str]) -> anyhow::Result<Self> {
        let folder = site.stack.folder();
        let (report, commands) = (folder.join("fleet.json"), folder.join("commands.jsonl"));
        let fixed = [
            "--quiet".to_owned(),
            format!("--brokers=127.0.0.1:{}", site.stack.mqtt_port()),
            format!("--piles={piles}"),
            format!("--json={}", report.display()),
            format!("--commands={}", commands.display()),
        ];
        let all = fixed
            .into_iter()
            .chain(arguments.iter().map(|&one| one.to_owned()));
        let log = folder.join("fleet.log");
        let process = WorkspaceProcess::spawn("simulator", "tcu_sim", all, [], log).await?;
        let online = wait_until(UNTIL_ONLINE, async || {
            logged_in(site).await.is_ok_and(|count| count >= u64::from(piles))
                && site
                    .assets()
                    .await
                    .is_ok_and(|assets| assets.len() >= piles as usize)
        })
        .await;
        online.with_context(|| format!("the fleet is not online:\n{}", process.output()))?;
        Ok(Self {
            process,
            report,
            commands,
            piles: site.assets().await?,
        })
    }

    /// Ends it and hears its report.
    pub(super) async fn end(mut self) -> anyhow::Result<Told> {
        self.process.stop(Duration::from_secs(60)).await?;
        let lines = std::fs::read_to_string(&self.commands)?;
        let commands: Result<Vec<Heard>, _> = lines.lines().map(serde_json::from_str).collect();
        Ok(Told {
            report: serde_json::from_slice(&std::fs::read(&self.report)?)?,
            commands: commands?,
        })
    }
}

async fn logged_in(site: &Site) -> anyhow::Result<u64> {
    let sql = "SELECT uniqExact(device_id) FROM login_record";
    Ok(site.stack.clickhouse().query(sql).fetch_one::<u64>().await?)
}

impl Told {
    /// Commands of this kind.
    pub(super) fn of<'a>(&'a self, command: &'a str) -> impl Iterator<Item = &'a Heard> {
        self.commands.iter().filter(move |heard| heard.command == command)
    }
}
