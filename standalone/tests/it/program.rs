//! `pile-ops up` as a child of a test, on free ports.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use standalone::run_file::RunFile;
use testkit::{MqttClient, MqttClientOptions};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// A cold start on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// The running program; killed when dropped, and its children with it.
pub(crate) struct Up {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
    folder: PathBuf,
}

impl Up {
    /// Starts it over `folder` and waits for `ready`.
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = command(folder, arguments)?
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("stdout is piped")?;
        let lines = BufReader::new(stdout).lines();
        let mut up = Self {
            child,
            lines,
            seen: Vec::new(),
            folder: folder.to_owned(),
        };
        up.line("ready").await?;
        Ok(up)
    }

    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("it runs")
    }

    /// Reads on until a line starts with `text`.
    pub(crate) async fn line(&mut self, text: &str) -> anyhow::Result<String> {
        let reading = async {
            while let Some(line) = self.lines.next_line().await? {
                self.seen.push(line.clone());
                if line.starts_with(text) {
                    return Ok(line);
                }
            }
            bail!("it ended; it said: {:#?}", self.seen)
        };
        match timeout(READY_WITHIN, reading).await {
            Ok(line) => line,
            Err(_) => bail!("no line {text:?}; it said: {:#?}", self.seen),
        }
    }

    /// What it tells other commands about itself.
    pub(crate) fn run_file(&self) -> anyhow::Result<RunFile> {
        Ok(RunFile::read(&self.folder.join("run/up.json"))?)
    }

    /// A client with the engineer's account.
    pub(crate) async fn engineer(&self, client_id: &str) -> anyhow::Result<MqttClient> {
        let password = self.password("engineer")?;
        let options = MqttClientOptions::new(self.run_file()?.ports.mqtt, client_id);
        MqttClient::connect_with(&options.credentials("engineer", password)).await
    }

    /// The password of one of its accounts.
    pub(crate) fn password(&self, username: &str) -> anyhow::Result<String> {
        let accounts = std::fs::read(self.folder.join("access/accounts.json"))?;
        let accounts: std::collections::BTreeMap<String, String> = serde_json::from_slice(&accounts)?;
        accounts.get(username).cloned().context("it has an account")
    }

    /// The process of one child.
    pub(crate) fn pid_of(&self, service: &str) -> anyhow::Result<u32> {
        let run = self.run_file()?;
        run.services
            .get(service)
            .and_then(|life| life.pid)
            .with_context(|| format!("{service} runs"))
    }

    /// Sends a signal to it and waits for its end; the lines it said meanwhile are in the answer.
    pub(crate) async fn end(mut self, signal: &str) -> anyhow::Result<(ExitStatus, Vec<String>)> {
        send(signal, self.pid()?).await?;
        let mut said = Vec::new();
        let ending = async {
            while let Some(line) = self.lines.next_line().await? {
                said.push(line);
            }
            anyhow::Ok(self.child.wait().await?)
        };
        let status = timeout(READY_WITHIN, ending).await.context("it does not end")??;
        Ok((status, said))
    }
}

/// `pile-ops up` over `folder` on free ports.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> anyhow::Result<Command> {
    for program in ["chdbd", "ops_tcu", "register", "webserver", "connector"] {
        testkit::binary(program, program)?;
    }
    testkit::binary("simulator", "tcu_sim")?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_pile-ops"));
    command.arg("up").arg("--data-dir").arg(folder);
    for option in [
        "--mqtt-port",
        "--mqtts-port",
        "--web-port",
        "--clickhouse-port",
        "--redis-port",
        "--register-port",
        "--ftp-port",
    ] {
        if !arguments.contains(&option) {
            command.args([option, "0"]);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    Ok(command)
}

/// Another command of the program over `folder`.
pub(crate) async fn ask(folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pile-ops"));
    command.args(arguments).arg("--data-dir").arg(folder);
    Ok(timeout(READY_WITHIN, command.kill_on_drop(true).output()).await??)
}

/// Sends `signal` by its name.
pub(crate) async fn send(signal: &str, pid: u32) -> anyhow::Result<()> {
    let status = Command::new("kill")
        .args(["-s", signal, &pid.to_string()])
        .status()
        .await?;
    anyhow::ensure!(status.success(), "kill -s {signal} {pid}");
    Ok(())
}

/// Whether a process has this number.
pub(crate) fn runs(pid: u32) -> bool {
    // A child that nobody has awaited yet is no process any more.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state
        .rsplit(") ")
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}
