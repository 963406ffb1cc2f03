//! How a TCU without credentials gets some: it asks for registration, and keeps what it is given.

mod ask;
mod credentials;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

pub(crate) use ask::{Answer, ask};
pub(crate) use credentials::{Credentials, CredentialsFile};

use crate::options::Options;
use crate::report::stats::{latency_histogram, micros};

/// Requests under way at most: a slow platform gets the next one when it has answered one, and none waits there for
/// longer than a TCU waits for its answer.
const MOST_UNDER_WAY: u32 = 64;

/// Counts of a run's registrations.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Credentials that were given.
    pub(crate) registered: AtomicU64,
    /// Answers 待审核.
    pub(crate) held: AtomicU64,
    /// Answers 失败.
    pub(crate) refused: AtomicU64,
    /// Requests without an answer.
    pub(crate) unanswered: AtomicU64,
    /// Connections with credentials that the broker refused.
    pub(crate) shut_out: AtomicU64,
}

/// What all piles of a run that register share.
#[derive(Debug)]
pub(crate) struct Registrar {
    pub(crate) contract: String,
    pub(crate) counts: Counts,
    file: CredentialsFile,
    /// Between two requests of the fleet.
    pace: Duration,
    next: Mutex<Instant>,
    /// Requests under way.
    room: Semaphore,
    running_after: Mutex<Histogram<u64>>,
}

impl Registrar {
    /// None unless the options want registration.
    ///
    /// # Errors
    /// When the file with the credentials cannot be used.
    pub(crate) fn new(options: &Options) -> anyhow::Result<Option<Self>> {
        if !options.register {
            return Ok(None);
        }
        let file = CredentialsFile::open(options.credentials.as_deref())?;
        Ok(Some(Self {
            contract: options.contract.clone(),
            counts: Counts::default(),
            file,
            pace: Duration::from_secs(1) / options.register_rate,
            next: Mutex::new(Instant::now()),
            room: Semaphore::new(options.register_rate.min(MOST_UNDER_WAY) as usize),
            running_after: Mutex::new(latency_histogram()),
        }))
    }

    /// Credentials that were there at the start.
    pub(crate) fn remembered_at_start(&self) -> u64 {
        self.file.len()
    }

    /// What was kept for this factory number by an earlier run.
    pub(crate) fn remembered(&self, sn: &str) -> Option<Credentials> {
        self.file.take(sn)
    }

    /// Keeps credentials for the next run.
    pub(crate) fn keep(&self, sn: &str, credentials: &Credentials) -> anyhow::Result<()> {
        self.file.keep(sn, credentials)
    }

    /// Waits for this pile's turn: so many a second, and so many at once.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let at = {
            let mut next = lock(&self.next);
            let at = (*next).max(Instant::now());
            *next = at + self.pace;
            at
        };
        tokio::time::sleep_until(at).await;
        self.room.acquire().await.ok()
    }

    /// A pile that had only its factory number runs with its credentials, this long after it first asked.
    pub(crate) fn runs(&self, after: Duration) {
        lock(&self.running_after).saturating_record(micros(after));
    }

    pub(crate) fn running_after(&self) -> Histogram<u64> {
        lock(&self.running_after).clone()
    }

    pub(crate) fn count(&self, answer: &Answer) {
        let counter = match answer {
            Answer::Registered(_) => &self.counts.registered,
            Answer::Held => &self.counts.held,
            Answer::Refused(_) => &self.counts.refused,
            Answer::None(_) => &self.counts.unanswered,
        };
        counter.fetch_add(1, Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
