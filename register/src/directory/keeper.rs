//! Reads ClickHouse into the tables: one task, one query at a time, so that a storm of questions is few queries.

use std::time::Duration;

use ahash::{HashSet, HashSetExt};
use common::backoff::Backoff;
use common::shutdown::Shutdown;
use protocol::Uuid;
use store::table::{asset, broker_account, registration};
use store::{Clickhouse, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Directory, Ordering};

/// Versions are clocks of several machines, and an insert may take a while to be seen: this far back is read again.
const OVERLAP_MS: i64 = 60_000;
/// Everything, at start: 200,000 registrations take about a second.
const LOAD_DEADLINE: Duration = Duration::from_secs(120);
/// What has changed.
const REFRESH_DEADLINE: Duration = Duration::from_secs(10);
/// At least this long between two look-ups, and as long as the last one took, so that strangers cannot take more than
/// half of one of ClickHouse's cores; the first of a storm does not wait.
const LOOKUP_PAUSE: Duration = Duration::from_millis(5);
/// Names in one look-up: about 50 KiB of query.
const NAMES: usize = 4096;
/// Rows taken under one write lock: those at the door wait less than a millisecond.
const ROWS: usize = 512;
/// Names of assets change seldom, and a new one is looked up anyway.
const ASSETS_EVERY: Duration = Duration::from_secs(60);

/// Somebody waits for the truth about a name.
pub(super) struct Question {
    pub(super) name: String,
    /// True: the tables now hold what ClickHouse holds.
    pub(super) answer: oneshot::Sender<bool>,
}

pub(super) struct Keeper {
    directory: Directory,
    db: Clickhouse,
    refresh: Duration,
    open: bool,
}

impl Keeper {
    pub(super) fn new(directory: Directory, db: Clickhouse, refresh: Duration, open: bool) -> Self {
        Self {
            directory,
            db,
            refresh: refresh.max(Duration::from_millis(10)),
            open,
        }
    }

    pub(super) async fn run(self, waiting: mpsc::Receiver<Question>, shutdown: Shutdown) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.keep(waiting) => {}
        }
    }

    async fn keep(self, mut waiting: mpsc::Receiver<Question>) {
        self.load().await;
        let mut every = interval(self.refresh);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut assets_read = Instant::now();
        let mut failing = false;
        let mut next_lookup = Instant::now();
        loop {
            tokio::select! {
                _ = every.tick() => {
                    let refreshed = self.refresh(&mut assets_read).await;
                    tell(&mut failing, refreshed.err());
                }
                first = async {
                    tokio::time::sleep_until(next_lookup).await;
                    waiting.recv().await
                } => {
                    let Some(first) = first else { return };
                    let begun = Instant::now();
                    self.answer(first, &mut waiting).await;
                    next_lookup = Instant::now() + begun.elapsed().max(LOOKUP_PAUSE);
                }
            }
        }
    }

    /// Everything, until it has succeeded once.
    async fn load(&self) {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        loop {
            let begun = Instant::now();
            let loaded = within(LOAD_DEADLINE, async {
                self.registrations(0).await?;
                self.accounts(0).await?;
                self.assets().await
            });
            match loaded.await {
                Ok(()) => {
                    let (registrations, accounts) = self.directory.len();
                    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                    tracing::info!(registrations, accounts, ms, "accounts loaded");
                    return self.directory.0.loaded.store(true, Ordering::Release);
                }
                Err(error) => {
                    tracing::warn!("cannot load the accounts, nobody is let in yet: {error}");
                }
            }
            backoff.wait().await;
        }
    }

    async fn refresh(&self, assets_read: &mut Instant) -> Result<(), String> {
        let (piles, accounts) = self.directory.read(|t| (t.newest_pile, t.newest_account));
        within(REFRESH_DEADLINE, async {
            self.registrations(piles - OVERLAP_MS).await?;
            self.accounts(accounts - OVERLAP_MS).await
        })
        .await?;
        if self.open && assets_read.elapsed() >= ASSETS_EVERY {
            within(REFRESH_DEADLINE, self.assets()).await?;
            *assets_read = Instant::now();
        }
        let (registrations, accounts) = self.directory.len();
        metrics::gauge!("register_directory_registrations").set(registrations as f64);
        metrics::gauge!("register_directory_accounts").set(accounts as f64);
        Ok(())
    }

    /// All who wait now, with one query.
    async fn answer(&self, first: Question, waiting: &mut mpsc::Receiver<Question>) {
        let mut questions = vec![first];
        while questions.len() < NAMES {
            match waiting.try_recv() {
                Ok(question) => questions.push(question),
                Err(_) => break,
            }
        }
        // Those who lost patience are not asked for; a repeated name is asked for once.
        questions.retain(|question| !question.answer.is_closed());
        let names: HashSet<&str> = questions.iter().map(|question| question.name.as_str()).collect();
        if names.is_empty() {
            return;
        }
        let names: Vec<&str> = names.into_iter().collect();
        let found = within(REFRESH_DEADLINE, self.look_up(&names)).await;
        self.directory.0.lookups.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("register_directory_lookups_total").increment(1);
        if let Err(error) = &found {
            metrics::counter!("register_directory_failed_lookups_total").increment(1);
            tracing::debug!("cannot look up accounts: {error}");
        }
        for question in questions {
            // An asker that has gone needs no answer.
            let _ = question.answer.send(found.is_ok());
        }
    }

    async fn look_up(&self, names: &[&str]) -> Result<(), StoreError> {
        let (uuids, others): (Vec<&str>, Vec<&str>) =
            names.iter().copied().partition(|name| Uuid::parse(name).is_ok());
        if !uuids.is_empty() {
            let newest = registration::newest_of_names(&self.db, &uuids, self.open).await?;
            let newer: Vec<&str> = self.directory.read(|tables| {
                let newer = newest.iter().filter(|row| !tables.holds(&row.sn, row.timestamp));
                newer.map(|row| row.sn.as_str()).collect()
            });
            if !newer.is_empty() {
                let rows = registration::by_sn(&self.db, &newer).await?;
                rows.chunks(ROWS).for_each(|rows| self.take(rows.to_vec()));
            }
        }
        if !others.is_empty() {
            let newest = self.directory.read(|tables| tables.newest_account);
            self.accounts(newest - OVERLAP_MS).await?;
        }
        if self.open && !uuids.is_empty() {
            let names = asset::named(&self.db, &uuids).await?;
            self.directory
                .write(|tables| names.iter().for_each(|name| tables.take_asset(name)));
        }
        Ok(())
    }

    async fn registrations(&self, since: i64) -> Result<(), StoreError> {
        let mut rows = registration::versions_since(&self.db, since)?;
        let mut taken = Vec::with_capacity(ROWS);
        while let Some(row) = rows.next().await? {
            taken.push(row);
            if taken.len() == ROWS {
                self.take(std::mem::replace(&mut taken, Vec::with_capacity(ROWS)));
            }
        }
        self.take(taken);
        Ok(())
    }

    fn take(&self, rows: Vec<registration::Stored>) {
        let refused: Vec<String> = self.directory.write(|tables| {
            let taken = rows.into_iter().map(|row| tables.take_registration(row));
            taken.filter_map(Result::err).collect()
        });
        complain(&refused);
    }

    async fn accounts(&self, since: i64) -> Result<(), StoreError> {
        let rows = broker_account::changed_since(&self.db, since).await?;
        let refused: Vec<String> = self.directory.write(|tables| {
            let taken = rows.into_iter().map(|row| tables.take_account(row));
            taken.filter_map(Result::err).collect()
        });
        complain(&refused);
        Ok(())
    }

    async fn assets(&self) -> Result<(), StoreError> {
        if !self.open {
            return Ok(());
        }
        let mut assets = HashSet::new();
        let mut rows = asset::load_all(&self.db)?;
        while let Some(row) = rows.next().await? {
            assets.extend(Uuid::parse(&row.name).ok());
        }
        self.directory.write(|tables| tables.replace_assets(assets));
        Ok(())
    }
}

async fn within(
    deadline: Duration,
    work: impl Future<Output = Result<(), StoreError>>,
) -> Result<(), String> {
    match tokio::time::timeout(deadline, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(chain(&error)),
        Err(_) => Err(format!("no answer within {deadline:?}")),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Once when it begins, once when it has passed.
fn tell(failing: &mut bool, error: Option<String>) {
    match error {
        Some(error) if !*failing => {
            tracing::warn!("accounts cannot be refreshed, those in memory count: {error}");
            *failing = true;
        }
        None if *failing => {
            tracing::info!("accounts are refreshed again");
            *failing = false;
        }
        _ => {}
    }
}

/// Each version once: the overlap does not bring it again.
fn complain(refused: &[String]) {
    if let Some(first) = refused.first() {
        metrics::counter!("register_directory_unreadable_rows_total").increment(refused.len() as u64);
        let rows = refused.len();
        tracing::warn!(rows, first, "accounts that cannot be read are kept out");
    }
}
