//! Everything that ends a command: one clear line each, which says what to do.

use std::{io, path::PathBuf};

use engines::EngineError;

use crate::{
    access::TlsError,
    http::HttpError,
    plan::{Listener, Service},
};

/// Why `pile-ops up` does not run, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// Another `pile-ops up` owns the data folder.
    #[error("data folder {} is in use by pile-ops pid {pid}: stop that one, or choose another with --data-dir", folder.display())]
    DataFolderInUse {
        /// As the user wrote it.
        folder: PathBuf,
        /// The owner.
        pid: String,
    },
    /// The data folder cannot be made or written.
    #[error("data folder {} cannot be used ({source}): give a folder that you may write with --data-dir", folder.display())]
    DataFolder {
        /// As the user wrote it.
        folder: PathBuf,
        /// What the file system says; part of the line, because there is only one.
        source: io::Error,
    },
    /// A port is taken.
    #[error(
        "port {} ({}) is in use: stop what listens there (`ss -ltnp sport = :{}` names it), or choose another with {}",
        .0.port, .0.what, .0.port, .0.option
    )]
    PortInUse(Listener),
    /// A port below 1024 needs rights.
    #[error("port {} ({}) may not be opened by this user: choose one above 1023 with {}", .0.port, .0.what, .0.option)]
    PortForbidden(Listener),
    /// Two listeners were given one port.
    #[error("port {} cannot serve both {} and {}: change {} or {}", .0.port, .0.what, .1.what, .0.option, .1.option)]
    PortClash(Listener, Listener),
    /// A program is not there.
    #[error("program {} is missing: {}", .0.name(), .0.remedy())]
    MissingProgram(Service),
    /// What ties the children's life to ours is not there.
    #[error("program setpriv is missing: apt-get install util-linux")]
    MissingSetpriv,
    /// No port is left for ops_tcu's metrics.
    #[error("no port can be opened on this machine: {0}")]
    NoPort(io::Error),
    /// An engine does not start; its own words say what to do.
    #[error("{0}")]
    Engine(EngineError),
    /// A program of ours cannot be executed.
    #[error("{} cannot be started: {source}", service.name())]
    Start {
        /// The program.
        service: Service,
        /// What the system says.
        source: io::Error,
    },
    /// A child refuses its configuration, so that starting it again is of no use.
    #[error("{} refuses its configuration: see {}", service.name(), log.display())]
    GaveUp {
        /// The child.
        service: Service,
        /// Its log.
        log: PathBuf,
    },
    /// A child does not get ready.
    #[error("{} is not ready after {seconds} s: see {}", service.name(), log.display())]
    NotReady {
        /// The child.
        service: Service,
        /// How long it was waited for.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
    /// The broker's certificate cannot be made.
    #[error("the broker's certificate: {0}")]
    Tls(TlsError),
    /// The broker's accounts cannot be made.
    #[error("the broker's accounts cannot be made: see {}", log.display())]
    NoAccounts {
        /// The log of register.
        log: PathBuf,
    },
    /// The tables cannot be made.
    #[error("the schema cannot be applied: {0}")]
    Schema(String),
    /// The signal handlers cannot be installed.
    #[error("signals cannot be handled: {0}")]
    Signals(io::Error),
}

/// Why `status`, `tail` or `sql` has nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// No `pile-ops up` owns the data folder.
    #[error("nothing runs in data folder {}: start it with `pile-ops up`, or name another with --data-dir", .0.display())]
    NothingRuns(PathBuf),
    /// What was given is no uuid.
    #[error("{0}: a uuid is eight capital letters, such as AAAAALFW")]
    Uuid(#[from] protocol::UuidError),
    /// ClickHouse does not answer.
    #[error("ClickHouse does not answer: {0}")]
    Clickhouse(HttpError),
    /// ClickHouse refuses the statement.
    #[error("{0}")]
    Refused(String),
    /// The terminal or pipe is gone.
    #[error("the output failed: {0}")]
    Output(io::Error),
}
