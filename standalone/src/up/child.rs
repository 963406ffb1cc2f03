//! One running process, whichever kind it is.

use std::{
    fs::File,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use engines::{EngineError, Running};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child as Process, Command},
    time::timeout,
};

/// An engine, or a service of ours. Dropped, it is killed.
#[derive(Debug)]
pub(super) enum Child {
    /// Started by the crate that knows engines.
    Engine(Running),
    /// One of our own programs.
    Program(Program),
}

impl Child {
    /// The process, while it runs.
    pub(super) fn pid(&self) -> Option<u32> {
        match self {
            Self::Engine(running) => running.pid(),
            Self::Program(program) => program.0.id(),
        }
    }

    /// Waits for an end that nobody here asked for. Cancel-safe.
    pub(super) async fn exited(&mut self) -> Result<ExitStatus, EngineError> {
        match self {
            Self::Engine(running) => running.exited().await,
            Self::Program(program) => Ok(program.wait().await),
        }
    }

    /// SIGTERM, and SIGKILL after `deadline`. Says whether it went by itself.
    pub(super) async fn stop(self, deadline: Duration) -> bool {
        match self {
            Self::Engine(running) => running.stop().await.is_ok_and(|status| status.code().is_some()),
            Self::Program(mut program) => {
                program.terminate();
                timeout(deadline, program.wait()).await.is_ok()
            }
        }
    }
}

/// One of our own programs as a child.
#[derive(Debug)]
pub(super) struct Program(Process);

impl Program {
    /// Starts `program` with its output in `log`.
    ///
    /// It gets a process group of its own, because a Ctrl-C in the terminal is for us, who stop the children
    /// in order. `setpriv` has it killed when the thread that starts it ends, so this must be the main thread;
    /// killed and not asked to stop, because what it drains into dies with us too, and it is made to lose
    /// nothing that way. Settings in our environment are not for it: it reads the file that was written for it,
    /// and the `environment` that is given here.
    pub(super) fn start(
        program: &Path,
        arguments: &[String],
        environment: &[(&'static str, String)],
        log: File,
    ) -> io::Result<Self> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(program).args(arguments);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            // The second is the engineer's, of a shell that has read `credentials.env`.
            if text.starts_with("OPS__") || text.starts_with("OPS_MQTT_") || text == "OPS_CONFIG" {
                command.env_remove(&name);
            }
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        // Its output is a file: no colours.
        command.env("NO_COLOR", "1");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.process_group(0).kill_on_drop(true).spawn().map(Self)
    }

    fn terminate(&self) {
        if let Some(pid) = self.0.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended meanwhile, which the wait that follows sees.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Waits for its end.
    pub(super) async fn wait(&mut self) -> ExitStatus {
        self.0
            .wait()
            .await
            .expect("a child of this process can be awaited")
    }
}
