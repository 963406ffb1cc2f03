//! Simulated piles as a program of their own: they really fetch, check, restart and come back, and keep a journal of
//! every command they heard.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;
use testkit::WorkspaceProcess;

use super::{LATER, World, until, uuid};

/// A running tcu_sim; killed when dropped.
pub(crate) struct Simulated {
    process: WorkspaceProcess,
    report: PathBuf,
    commands: PathBuf,
}

/// One command as a pile heard it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Heard {
    pub(crate) uuid: String,
    pub(crate) command: String,
    /// Under one reqid.
    pub(crate) times: u32,
}

/// What they tell at their end.
pub(crate) struct Told {
    pub(crate) report: Value,
    pub(crate) commands: Vec<Heard>,
}

impl Simulated {
    /// Piles 1 to `count` with version 1.0.7, logged in. They charge half a minute of simulated time, again and again.
    pub(crate) async fn start(world: &World, count: u64, more: &str) -> anyhow::Result<Self> {
        let folder = world.stack.folder();
        let (report, commands) = (folder.join("piles.json"), folder.join("piles.jsonl"));
        let fixed = [
            "--quiet".to_owned(),
            format!("--brokers=127.0.0.1:{}", world.stack.mqtt_port()),
            format!("--first-uuid={}", uuid(1)),
            format!("--piles={count}"),
            format!("--json={}", report.display()),
            format!("--commands={}", commands.display()),
        ];
        let lively = "--software 1.0.7 --speed 60 --charge-rate 60 --longest-charge 30s --boot-failure-rate 0 \
             --warning-rate 0 --interval 10s --linger 1s";
        let words = lively.split_whitespace().chain(more.split_whitespace());
        let all = fixed.into_iter().chain(words.map(str::to_owned));
        let log = folder.join("piles.log");
        let process = WorkspaceProcess::spawn("simulator", "tcu_sim", all, [], log).await?;
        until("the simulated piles have logged in", LATER, async || {
            let sql = "SELECT uniqExact(device_id) FROM login_record";
            world.number(sql).await.is_ok_and(|piles| piles >= count)
        })
        .await
        .with_context(|| process.output())?;
        Ok(Self {
            process,
            report,
            commands,
        })
    }

    /// Ends them and hears what they tell.
    pub(crate) async fn end(mut self) -> anyhow::Result<Told> {
        self.process.stop(Duration::from_secs(120)).await?;
        let lines = std::fs::read_to_string(&self.commands)?;
        let commands: Result<Vec<Heard>, _> = lines.lines().map(serde_json::from_str).collect();
        Ok(Told {
            report: serde_json::from_slice(&std::fs::read(&self.report)?)?,
            commands: commands?,
        })
    }
}

impl Told {
    /// How many different commands of this kind a pile heard.
    pub(crate) fn commands_of(&self, pile: u64, command: &str) -> usize {
        let of_pile = |heard: &&Heard| heard.uuid == uuid(pile) && heard.command == command;
        self.commands.iter().filter(of_pile).count()
    }

    /// Of the commands of this kind, those that a pile heard again under the same reqid.
    pub(crate) fn repeated(&self, command: &str) -> Vec<&Heard> {
        let again = |heard: &&Heard| heard.command == command && heard.times > 1;
        self.commands.iter().filter(again).collect()
    }

    /// A figure of what they did.
    pub(crate) fn did(&self, what: &str) -> u64 {
        self.report["done"][what].as_u64().unwrap_or_default()
    }
}
