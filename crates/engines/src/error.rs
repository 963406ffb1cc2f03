//! One line for each thing that can keep an engine from running, saying what to do.

use std::path::PathBuf;
use std::time::Duration;

/// Why an engine does not run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The program is not installed.
    #[error("{program} is not installed - run: {install}")]
    Missing {
        /// Its name.
        program: &'static str,
        /// The command that installs it.
        install: &'static str,
    },
    /// Somebody else listens there.
    #[error("port {port} for {program} is in use: stop what uses it, or choose another port")]
    PortBusy {
        /// Who was to have it.
        program: &'static str,
        /// The port.
        port: u16,
    },
    /// It ended before it answered.
    #[error("{program} did not start: {reason} (log: {})", log.display())]
    Start {
        /// Its name.
        program: &'static str,
        /// The last lines of its log.
        reason: String,
        /// The whole log.
        log: PathBuf,
    },
    /// It runs and does not answer.
    #[error("{program} does not answer within {within:?} (log: {})", log.display())]
    Silent {
        /// Its name.
        program: &'static str,
        /// How long was waited.
        within: Duration,
        /// The whole log.
        log: PathBuf,
    },
    /// A file or a process could not be handled.
    #[error("{program}: {action}")]
    Io {
        /// The engine concerned.
        program: &'static str,
        /// What was attempted.
        action: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}

impl EngineError {
    pub(crate) fn io(
        program: &'static str,
        action: impl Into<String>,
    ) -> impl FnOnce(std::io::Error) -> EngineError {
        let action = action.into();
        move |source| EngineError::Io {
            program,
            action,
            source,
        }
    }
}
