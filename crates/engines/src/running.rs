//! An engine that runs as a child, and its end.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};

use crate::probe::Probe;
use crate::{EngineError, port, program, tied};

/// The longest a start may take: Redis and chdbd read their data first.
const START_WITHIN: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_millis(20);

/// How an engine is started, again and again.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) data_dir: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) port: u16,
    pub(crate) probe: Probe,
    pub(crate) stop_within: Duration,
}

/// A running engine. Dropped, it is killed; [`Running::stop`] lets it save first.
#[derive(Debug)]
pub struct Running {
    recipe: Recipe,
    child: Child,
}

impl Running {
    /// Starts the engine and waits until it answers.
    pub(crate) async fn start(recipe: Recipe) -> Result<Self, EngineError> {
        let child = launch(&recipe).await?;
        let mut running = Self { recipe, child };
        running.until_it_answers().await?;
        Ok(running)
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.recipe.port
    }

    /// The process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The engine's name, as people know its program.
    pub fn name(&self) -> &'static str {
        self.recipe.name
    }

    /// Its data folder.
    pub fn data_dir(&self) -> &Path {
        &self.recipe.data_dir
    }

    /// Its log file.
    pub fn log_file(&self) -> &Path {
        &self.recipe.log
    }

    /// Stops it in good order: SIGTERM, and SIGKILL once its deadline has passed. Says how it ended.
    ///
    /// # Errors
    /// When the system cannot signal or await the process.
    pub async fn stop(mut self) -> Result<ExitStatus, EngineError> {
        self.end().await
    }

    /// SIGKILL, as a crash would end it.
    ///
    /// # Errors
    /// When the system cannot signal or await the process.
    pub async fn kill(&mut self) -> Result<(), EngineError> {
        self.child
            .kill()
            .await
            .map_err(EngineError::io(self.recipe.name, "cannot be killed"))
    }

    /// Starts it again on the same port and data, after a crash or an orderly stop.
    ///
    /// # Errors
    /// As a start.
    pub async fn restart(&mut self) -> Result<(), EngineError> {
        self.end().await?;
        port::pick(self.recipe.name, Some(self.recipe.port))?;
        self.child = launch(&self.recipe).await?;
        self.until_it_answers().await
    }

    /// Completes when the process ends by itself or by somebody's signal. Cancel-safe.
    ///
    /// # Errors
    /// When the system cannot await the process.
    pub async fn exited(&mut self) -> Result<ExitStatus, EngineError> {
        self.child
            .wait()
            .await
            .map_err(EngineError::io(self.recipe.name, "cannot be awaited"))
    }

    async fn end(&mut self) -> Result<ExitStatus, EngineError> {
        if let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended meanwhile, which the wait below sees.
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(self.recipe.stop_within, self.child.wait()).await.is_err() {
            tracing::warn!(engine = self.recipe.name, "did not stop in time and is killed");
            self.kill().await?;
        }
        self.exited().await
    }

    async fn until_it_answers(&mut self) -> Result<(), EngineError> {
        let deadline = Instant::now() + START_WITHIN;
        let Recipe {
            name: program,
            port,
            probe,
            ..
        } = self.recipe;
        let log = self.recipe.log.clone();
        loop {
            let ended = self
                .child
                .try_wait()
                .map_err(EngineError::io(program, "cannot be awaited"))?;
            if ended.is_some() {
                return Err(EngineError::Start {
                    program,
                    reason: program::tail(&log),
                    log,
                });
            }
            if probe.answers(port).await {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(EngineError::Silent {
                    program,
                    within: START_WITHIN,
                    log,
                });
            }
            sleep(ASK_EVERY).await;
        }
    }
}

async fn launch(recipe: &Recipe) -> Result<Child, EngineError> {
    let mut command = tied::tied_command(&recipe.program);
    let output = output(recipe).map_err(EngineError::io(recipe.name, "cannot open its log"))?;
    command
        .args(&recipe.arguments)
        .stdin(Stdio::null())
        .stdout(output.0)
        .stderr(output.1);
    // A Ctrl-C in the terminal is for the parent, which stops its children in order.
    command.process_group(0);
    tied::spawn_tied(command)
        .await
        .map_err(EngineError::io(recipe.name, "cannot be started"))
}

/// What the engine prints goes into its log too: some complain before they have read where the log is.
fn output(recipe: &Recipe) -> io::Result<(Stdio, Stdio)> {
    std::fs::create_dir_all(&recipe.data_dir)?;
    let log = OpenOptions::new().create(true).append(true).open(&recipe.log)?;
    Ok((log.try_clone()?.into(), log.into()))
}
