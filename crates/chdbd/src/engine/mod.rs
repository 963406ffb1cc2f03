//! The engine as the HTTP side sees it: statements in, bytes or an exception out. All of it blocks, so it is
//! called on blocking threads only.

mod arguments;
mod insert;
mod pool;
mod query;
mod tokens;

use std::sync::Mutex;

use crate::config::Config;
use crate::data_folder::{DataFolder, DataFolderError};
use crate::exception::Exception;
use crate::ffi::{Chdb, Connection, Param};
use crate::{Error, library};

pub(crate) use insert::{InsertRows, Written};
pub(crate) use query::{Head, QueryRun, Sink};

/// What every statement carries beside its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// The current database; `None` is `default`.
    pub(crate) database: Option<String>,
    /// Settings of this statement only.
    pub(crate) settings: Vec<(String, String)>,
    /// Values of `{name:Type}`.
    pub(crate) params: Vec<Param>,
}

/// The running engine: the locked data folder, one connection that keeps it open, and a pool for statements.
pub(crate) struct Engine {
    chdb: Chdb,
    pool: pool::Pool,
    /// The engine boots with its first connection and stops with its last: this one spans the process.
    permanent: Mutex<Option<Connection>>,
    _folder: DataFolder,
}

impl Engine {
    /// Locks the folder and boots the engine on it.
    pub(crate) fn start(config: &Config) -> Result<Self, Error> {
        let folder = DataFolder::open(&config.path)?;
        let unreadable = |source| DataFolderError::Io {
            path: folder.path.clone(),
            source,
        };
        tokens::forget_uncommitted(&folder.path).map_err(unreadable)?;
        let chdb = library::load()?;
        let boot = arguments::boot(config, &folder)?;
        let refused = || Error::Engine(folder.path.display().to_string());
        let permanent = chdb.connect(&boot).ok_or_else(refused)?;
        let pool = pool::Pool::new(chdb.clone(), arguments::session(config, &folder.path));
        Ok(Self {
            chdb,
            pool,
            permanent: Mutex::new(Some(permanent)),
            _folder: folder,
        })
    }

    /// The library's version.
    pub(crate) fn version(&self) -> String {
        self.chdb.version()
    }

    /// Closes the engine unless a statement is still running; says whether it did.
    pub(crate) fn stop(&self) -> bool {
        if !self.pool.close() {
            return false;
        }
        drop(
            self.permanent
                .lock()
                .expect("never poisoned: only taken here")
                .take(),
        );
        // Closing the last connection has shut the tables down; threads that remain end with the process.
        if !self.chdb.shutdown() {
            tracing::debug!("the engine left threads behind");
        }
        true
    }

    /// An exception with the version that ClickHouse adds to its texts.
    fn exception(&self, text: &str) -> Exception {
        let mut exception = Exception::from_engine(text);
        if !exception.text.contains("(version ") {
            exception.text.push_str(&format!(" (version {})", self.version()));
        }
        exception
    }
}
