//! Every account in memory, so that a broker's question is answered in microseconds and also while ClickHouse is
//! away.
//!
//! `tables` judges; `keeper` reads ClickHouse: everything at start, what has changed every second, and at once,
//! for all who wait together, the names that are asked for and not held: another register may have handed out
//! the password just now.

mod keeper;
mod recent;
mod tables;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use common::shutdown::Shutdown;
use protocol::Uuid;
use store::Clickhouse;
use tokio::sync::{mpsc, oneshot};

pub use tables::Identity;

use self::keeper::{Keeper, Question};
use self::recent::Recent;
use self::tables::{Judgement, Tables};

/// Questions that may wait for ClickHouse; more are answered with "ask again".
const WAITING: usize = 16_384;
/// How long one waits for ClickHouse; below the broker's own time limit for its question (5 s by default).
const PATIENCE: Duration = Duration::from_secs(3);

/// What is said at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Let in as this.
    Allowed(Identity),
    /// Kept out.
    Denied,
    /// Nobody can say now: the accounts are not loaded, or the truth about an unknown name cannot be read.
    Unavailable,
}

/// A clonable handle on the accounts; clones share them.
#[derive(Clone)]
pub struct Directory(Arc<Shared>);

struct Shared {
    tables: RwLock<Tables>,
    loaded: AtomicBool,
    lookups: AtomicU64,
    questions: mpsc::Sender<Question>,
    /// What was asked, looked up and still refused a moment ago.
    refused: Mutex<Recent>,
}

impl Directory {
    /// Starts loading, and goes on reading what changes every `refresh` until the stop. `open`: piles that only
    /// have an asset are known too.
    pub fn start(db: Clickhouse, refresh: Duration, open: bool, shutdown: Shutdown) -> Self {
        let (questions, waiting) = mpsc::channel(WAITING);
        let directory = Self(Arc::new(Shared {
            tables: RwLock::new(Tables::new()),
            loaded: AtomicBool::new(false),
            lookups: AtomicU64::new(0),
            questions,
            refused: Mutex::new(Recent::new(Instant::now())),
        }));
        let keeper = Keeper::new(directory.clone(), db, refresh, open);
        tokio::spawn(keeper.run(waiting, shutdown));
        directory
    }

    /// Whether the accounts have been read once; before, nobody is judged.
    pub fn is_loaded(&self) -> bool {
        self.0.loaded.load(Ordering::Acquire)
    }

    /// Registrations and accounts held.
    pub fn len(&self) -> (usize, usize) {
        self.read(Tables::len)
    }

    /// How often ClickHouse was asked about names that are not held.
    pub fn lookups(&self) -> u64 {
        self.0.lookups.load(Ordering::Relaxed)
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }

    /// Whom this account and password belong to.
    pub async fn authenticate(&self, username: &str, password: &str) -> Verdict {
        self.judge(username, password, |tables| tables.judge(username, password))
            .await
    }

    /// Whether a pile of this uuid may come in without a password. The caller has seen that the door is open.
    pub async fn let_in_open(&self, uuid: Uuid) -> Verdict {
        let name = uuid.to_string();
        self.judge(&name, "", |tables| tables.judge_open(uuid)).await
    }

    async fn judge(&self, name: &str, password: &str, judge: impl Fn(&Tables) -> Judgement) -> Verdict {
        if !self.is_loaded() {
            return Verdict::Unavailable;
        }
        let first = match self.read(&judge) {
            Judgement::Known(identity) => return Verdict::Allowed(identity),
            Judgement::ShutOut => return Verdict::Denied,
            other => other,
        };
        if self.refused().contains(name, password, Instant::now()) {
            return Verdict::Denied;
        }
        if !self.look_up(name).await {
            return match first {
                Judgement::Wrong => Verdict::Denied,
                _ => Verdict::Unavailable,
            };
        }
        if let Judgement::Known(identity) = self.read(&judge) {
            return Verdict::Allowed(identity);
        }
        self.refused().insert(name, password, Instant::now());
        Verdict::Denied
    }

    /// Has the truth about this name read; false when it cannot be.
    async fn look_up(&self, name: &str) -> bool {
        let (answer, answered) = oneshot::channel();
        let question = Question {
            name: name.to_owned(),
            answer,
        };
        if self.0.questions.try_send(question).is_err() {
            return false;
        }
        matches!(tokio::time::timeout(PATIENCE, answered).await, Ok(Ok(true)))
    }

    fn read<T>(&self, with: impl FnOnce(&Tables) -> T) -> T {
        with(&self.0.tables.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, with: impl FnOnce(&mut Tables) -> T) -> T {
        with(&mut self.0.tables.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, Recent> {
        self.0.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
