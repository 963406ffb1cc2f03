//! Programs of this workspace as children of a test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, bail};
use engines::{spawn_tied, tied_command};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The file of a workspace program, from the folder this test was built into. Built on demand when it is not
/// there: a test of one package builds that package only. One that is there is taken as it is.
///
/// # Errors
/// When it cannot be built.
pub fn binary(package: &str, program: &str) -> anyhow::Result<PathBuf> {
    static BUILDING: Mutex<()> = Mutex::new(());
    let exe = std::env::current_exe()?;
    // target/debug/deps/test-hash, or target/release/bench
    let here = exe.parent().context("a program lies in a folder")?;
    let folder = if here.ends_with("deps") {
        here.parent().unwrap_or(here)
    } else {
        here
    };
    let file = folder.join(program);
    let _one_at_a_time = BUILDING
        .lock()
        .map_err(|_| anyhow::anyhow!("another test failed to build"))?;
    if !file.is_file() {
        build(package, folder)?;
    }
    Ok(file)
}

fn build(package: &str, folder: &Path) -> anyhow::Result<()> {
    let mut cargo = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "-p", package]);
    if folder.file_name() == Some(OsStr::new("release")) {
        cargo.arg("--release");
    }
    // The test's folder may be any package's; the workspace is found from there.
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    let status = cargo.status().context("cargo build")?;
    if !status.success() {
        bail!("cargo build -p {package} failed");
    }
    Ok(())
}

/// A program of the workspace that runs; killed when dropped.
#[derive(Debug)]
pub struct WorkspaceProcess {
    child: Child,
    log: PathBuf,
}

impl WorkspaceProcess {
    /// Starts `program` of `package` with arguments and environment, its output in the file `log`.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub async fn spawn<A: AsRef<OsStr>>(
        package: &str,
        program: &str,
        arguments: impl IntoIterator<Item = A>,
        environment: impl IntoIterator<Item = (String, String)>,
        log: impl Into<PathBuf>,
    ) -> anyhow::Result<Self> {
        let log = log.into();
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = tied_command(binary(package, program)?);
        command.args(arguments).envs(environment);
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let child = spawn_tied(command)
            .await
            .with_context(|| format!("starting {program}"))?;
        Ok(Self { child, log })
    }

    /// The process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn output(&self) -> String {
        std::fs::read(&self.log)
            .map(|b| String::from_utf8_lossy(&b).into_owned())
            .unwrap_or_default()
    }

    /// SIGKILL, and waits for the end.
    ///
    /// # Errors
    /// When the system cannot do it.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// SIGTERM, and waits for the orderly end.
    ///
    /// # Errors
    /// When it has not ended by the deadline; its output is in the error.
    pub async fn stop(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        if let Some(pid) = self.child.id() {
            let sent = Command::new("kill")
                .args(["-TERM", &pid.to_string()])
                .status()
                .await?;
            anyhow::ensure!(sent.success(), "kill -TERM {pid}");
        }
        match timeout(within, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("the program did not stop within {within:?}: {}", self.output()),
        }
    }

    /// Whether it has ended by itself, and how.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}
