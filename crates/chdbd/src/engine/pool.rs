//! Connections to run statements on: one statement at a time each, kept by what they were made ready with, so
//! that opening one, `USE` and `SET` cost nothing most of the time (together they cost more than a small query).

use std::collections::HashMap;
use std::ffi::CString;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard};

use super::Scope;
use crate::exception::Exception;
use crate::ffi::{Chdb, Connection};
use crate::sql::quoted;

/// Idle connections kept that are alike, and kinds that have any. An idle one costs memory: beyond this many kinds
/// all are closed, and those that are in use come back by themselves.
const IDLE_ALIKE: usize = 8;
const KINDS: usize = 32;

/// What a connection was made ready with, and what it therefore serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    database: String,
    settings: Vec<(String, String)>,
}

/// The pool.
pub(super) struct Pool {
    chdb: Chdb,
    arguments: Vec<CString>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: HashMap<Kind, Vec<Connection>>,
    lent: usize,
    closed: bool,
}

impl Pool {
    pub(super) fn new(chdb: Chdb, arguments: Vec<CString>) -> Self {
        Self {
            chdb,
            arguments,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds the pool")
    }

    /// A connection in the statement's database and with its settings.
    pub(super) fn lend(&self, scope: &Scope) -> Result<Lent<'_>, Exception> {
        let kind = Kind {
            database: scope.database.clone().unwrap_or_else(|| "default".to_owned()),
            settings: scope.settings.clone(),
        };
        let idle = {
            let mut state = self.state();
            if state.closed {
                return Err(Exception::new(236, "ABORTED", "The server is stopping"));
            }
            state.lent += 1;
            state.idle.get_mut(&kind).and_then(Vec::pop)
        };
        let fresh = idle.is_none();
        let connection = idle.or_else(|| self.chdb.connect(&self.arguments));
        let mut lent = Lent {
            pool: self,
            connection,
            kind,
            reusable: false,
        };
        if lent.connection.is_none() {
            return Err(Exception::new(
                210,
                "NETWORK_ERROR",
                "The engine refuses a further connection",
            ));
        }
        if fresh {
            lent.prepare()?;
        }
        Ok(lent)
    }

    /// Refuses further statements and closes what is idle; false while a statement runs.
    pub(super) fn close(&self) -> bool {
        let mut state = self.state();
        state.closed = true;
        state.idle.clear();
        state.lent == 0
    }
}

/// A connection for one statement; closed afterwards unless [`Lent::keep`] found it unchanged.
pub(super) struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    kind: Kind,
    reusable: bool,
}

impl Lent<'_> {
    /// The statement ended well, left the session as it was, and more of its kind will come.
    pub(super) fn keep(&mut self) {
        self.reusable = true;
    }

    /// Puts a fresh connection into its database and gives it its settings.
    fn prepare(&mut self) -> Result<(), Exception> {
        if self.kind.database != "default" {
            let name = quoted(&self.kind.database, '`');
            self.run(&format!("USE {name}"))?;
        }
        let settings = &self.kind.settings;
        if settings.is_empty() {
            return Ok(());
        }
        let list: Vec<_> = settings
            .iter()
            .map(|(name, value)| format!("{name} = {}", quoted(value, '\'')))
            .collect();
        self.run(&format!("SET {}", list.join(", ")))
    }

    fn run(&mut self, sql: &str) -> Result<(), Exception> {
        self.query(sql.as_bytes(), "Null", &[])
            .map(drop)
            .map_err(|text| Exception::from_engine(&text))
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("taken only on drop")
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("taken only on drop")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut unwanted = self.connection.take();
        let mut state = self.pool.state();
        if self.reusable && !state.closed {
            if state.idle.len() >= KINDS && !state.idle.contains_key(&self.kind) {
                state.idle.clear();
            }
            let idle = state.idle.entry(self.kind.clone()).or_default();
            if idle.len() < IDLE_ALIKE {
                idle.extend(unwanted.take());
            }
        }
        drop(unwanted);
        state.lent -= 1;
    }
}
