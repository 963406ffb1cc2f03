//! Connections to run statements on: one statement at a time each, kept by database so that parallel statements
//! and `USE` cost nothing most of the time.

use std::collections::HashMap;
use std::ffi::CString;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard};

use super::Scope;
use crate::exception::Exception;
use crate::ffi::{Chdb, Connection};
use crate::sql::quoted;

/// Idle connections kept for one database, and databases that have any.
const IDLE_PER_DATABASE: usize = 8;
const DATABASES: usize = 32;

/// The pool.
pub(super) struct Pool {
    chdb: Chdb,
    arguments: Vec<CString>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: HashMap<String, Vec<Connection>>,
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
        let database = scope.database.clone().unwrap_or_else(|| "default".to_owned());
        let idle = {
            let mut state = self.state();
            if state.closed {
                return Err(Exception::new(236, "ABORTED", "The server is stopping"));
            }
            state.lent += 1;
            state.idle.get_mut(&database).and_then(Vec::pop)
        };
        let fresh = idle.is_none();
        let connection = idle.or_else(|| self.chdb.connect(&self.arguments));
        let mut lent = Lent {
            pool: self,
            connection,
            database,
            reusable: false,
        };
        if lent.connection.is_none() {
            return Err(Exception::new(
                210,
                "NETWORK_ERROR",
                "The engine refuses a further connection",
            ));
        }
        if fresh && lent.database != "default" {
            let name = quoted(&lent.database, '`');
            lent.run(&format!("USE {name}"))?;
        }
        lent.set(&scope.settings)?;
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
    database: String,
    reusable: bool,
}

impl Lent<'_> {
    /// The statement ended well and left the session as it was.
    pub(super) fn keep(&mut self, scope: &Scope) {
        self.reusable = scope.settings.is_empty();
    }

    fn run(&mut self, sql: &str) -> Result<(), Exception> {
        self.query(sql.as_bytes(), "Null", &[])
            .map(drop)
            .map_err(|text| Exception::from_engine(&text))
    }

    fn set(&mut self, settings: &[(String, String)]) -> Result<(), Exception> {
        if settings.is_empty() {
            return Ok(());
        }
        let list: Vec<_> = settings
            .iter()
            .map(|(name, value)| format!("{name} = {}", quoted(value, '\'')))
            .collect();
        self.run(&format!("SET {}", list.join(", ")))
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
            let known = state.idle.contains_key(&self.database);
            if known || state.idle.len() < DATABASES {
                let idle = state.idle.entry(std::mem::take(&mut self.database)).or_default();
                if idle.len() < IDLE_PER_DATABASE {
                    idle.extend(unwanted.take());
                }
            }
        }
        drop(unwanted);
        state.lent -= 1;
    }
}
