//! Reads logins, shows them to everybody who decides, and repeats whatever could not be carried out.

use std::collections::VecDeque;
use std::time::Duration;

use ahash::{HashMap, HashMapExt};
use common::shutdown::Shutdown;
use protocol::Uuid;
use store::StoreError;
use store::table::login_record::{self, Logins};
use store::table::{asset, warn_record};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::duplicate::{ONCE_IN_MS, Shared};
use super::promote::{TOGETHER, Unfilled};
use super::reading::Reading;
use super::seen::Seen;
use super::warnings::{self, Warnings};
use super::{Fresh, Mark, Sighting, Suspicion, Turns};
use crate::config::DuplicateConfig;
use crate::ledger::now;
use crate::model::Serial;
use crate::operations::{OperationError, Operations};

/// How soon a login is noticed.
const EVERY: Duration = Duration::from_secs(2);
/// Between looks for operations that were cut short.
const MEND_EVERY: Duration = Duration::from_secs(60);
/// Between looks for registrations whose first login was never seen.
const CATCH_UP_EVERY: Duration = Duration::from_secs(3_600);
/// How far back those may be, ms.
const CATCH_UP_MS: i64 = 35 * 86_400_000;
/// Piles whose uuid is known here, for warnings about addresses.
const PILES: usize = 262_144;
/// What waits for ClickHouse, of each kind; beyond it the oldest is left to the hourly look.
const WAITING: usize = 262_144;

/// The watch over logins.
pub struct Watch {
    operations: Operations,
    config: DuplicateConfig,
    addresses: mpsc::Receiver<Sighting>,
    reading: Reading,
    fresh: Fresh,
    /// Registrations whose asset only staff can put right.
    hopeless: Fresh,
    turns: Turns,
    warnings: Warnings,
    piles: HashMap<Uuid, u64>,
    logins: VecDeque<Seen>,
    unfilled: Vec<Unfilled>,
    shared: VecDeque<Shared>,
    told: HashMap<(Uuid, Serial), i64>,
    restored: bool,
    mended: Option<Instant>,
    caught_up: Option<Instant>,
}

impl Watch {
    /// Watches over `operations`' registrations. `addresses` are what the broker's hook sees.
    pub fn new(operations: Operations, config: DuplicateConfig, addresses: mpsc::Receiver<Sighting>) -> Self {
        let within = i64::try_from(config.within.as_millis()).unwrap_or(i64::MAX / 2);
        Self {
            operations,
            addresses,
            reading: Reading::new(now() - within),
            fresh: Fresh::default(),
            hopeless: Fresh::remembering(1_000),
            turns: Turns::new(within),
            warnings: Warnings::default(),
            piles: HashMap::new(),
            logins: VecDeque::new(),
            unfilled: Vec::new(),
            shared: VecDeque::new(),
            told: HashMap::new(),
            restored: false,
            mended: None,
            caught_up: None,
            config,
        }
    }

    /// Watches until the stop.
    pub async fn run(mut self, stop: Shutdown) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut away = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = every.tick() => {}
            }
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                looked = self.look() => looked,
            };
            match looked {
                Ok(()) => away = false,
                Err(error) => {
                    // Once per outage: this comes round every two seconds.
                    if !std::mem::replace(&mut away, true) {
                        let cause = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::warn!(%error, cause, "logins cannot be looked at now; what is missed is made up for");
                    }
                }
            }
        }
    }

    /// One round. An error leaves everything that is not carried out for the next.
    async fn look(&mut self) -> Result<(), OperationError> {
        self.restore().await?;
        let began = now();
        let logins = login_record::received_since(self.operations.ledger().db(), self.reading.since(began))?;
        self.take_in(logins).await?;
        self.reading.read(began);
        self.take_addresses().await?;
        self.write_warnings().await?;
        self.catch_up().await?;
        self.promote().await?;
        self.fill().await?;
        self.separate().await?;
        self.mend().await
    }

    /// What was counted before a restart is not counted again.
    async fn restore(&mut self) -> Result<(), OperationError> {
        if self.restored {
            return Ok(());
        }
        let since = now() - 2 * 3_600_000;
        let db = self.operations.ledger().db();
        for known in warn_record::of_platform_since(db, warnings::CODE, since).await? {
            self.warnings.restore(&known);
        }
        self.restored = true;
        Ok(())
    }

    async fn take_in(&mut self, mut logins: Logins) -> Result<(), StoreError> {
        while let Some(login) = logins.next().await? {
            if !self.fresh.is_new(&login) {
                continue;
            }
            let Some(seen) = Seen::of(login) else { continue };
            if self.piles.len() >= PILES {
                self.piles.clear();
            }
            self.piles.insert(seen.uuid, seen.device_id);
            for sighting in seen.sightings() {
                if let Some(suspicion) = self.turns.see(&sighting) {
                    self.suspect(&suspicion, seen.device_id, &seen.model);
                }
            }
            push(&mut self.logins, seen);
        }
        Ok(())
    }

    async fn take_addresses(&mut self) -> Result<(), StoreError> {
        let mut suspicions = Vec::new();
        while let Ok(sighting) = self.addresses.try_recv() {
            suspicions.extend(self.turns.see(&sighting));
        }
        for suspicion in suspicions {
            // Without an asset there is nothing to warn about.
            if let Some(device_id) = self.pile_of(suspicion.uuid).await? {
                self.suspect(&suspicion, device_id, "");
            }
        }
        Ok(())
    }

    async fn pile_of(&mut self, uuid: Uuid) -> Result<Option<u64>, StoreError> {
        if let Some(device_id) = self.piles.get(&uuid) {
            return Ok(Some(*device_id));
        }
        let name = uuid.to_string();
        let rows = asset::whole(self.operations.ledger().db(), &[], &[&name]).await?;
        let device_id = rows.first().map(|row| row.device_id);
        self.piles.extend(device_id.map(|id| (uuid, id)));
        Ok(device_id)
    }

    fn suspect(&mut self, suspicion: &Suspicion, device_id: u64, model: &str) {
        if !self.warnings.raise(device_id, suspicion) {
            return;
        }
        metrics::counter!("register_duplicate_uuid_total", "mark" => suspicion.mark.as_str()).increment(1);
        if !self.config.change_uuid || suspicion.mark != Mark::Serial {
            return;
        }
        let (Ok(before), Ok(now)) = (Serial::parse(&suspicion.before), Serial::parse(&suspicion.now)) else {
            return;
        };
        let shared = Shared {
            uuid: suspicion.uuid,
            before,
            now,
            model: model.to_owned(),
        };
        if !self.shared.contains(&shared) {
            push(&mut self.shared, shared);
        }
    }

    async fn write_warnings(&mut self) -> Result<(), OperationError> {
        let rows = self.warnings.unwritten();
        if !rows.is_empty() {
            self.operations
                .ledger()
                .insert(rows.iter().map(warnings::Open::row))
                .await?;
            self.warnings.written(&rows);
        }
        Ok(())
    }

    /// First logins that nobody looked at: the service was away for long, or rows came late.
    async fn catch_up(&mut self) -> Result<(), OperationError> {
        if !is_due(self.caught_up, CATCH_UP_EVERY) {
            return Ok(());
        }
        let db = self.operations.ledger().db();
        let mut missed = login_record::first_of_waiting(db, now() - CATCH_UP_MS)?;
        while let Some(login) = missed.next().await? {
            if let Some(seen) = Seen::of(login) {
                push(&mut self.logins, seen);
            }
        }
        self.caught_up = Some(Instant::now());
        Ok(())
    }

    async fn promote(&mut self) -> Result<(), OperationError> {
        let mut busy = VecDeque::new();
        while !self.logins.is_empty() {
            let some: Vec<Seen> = self
                .logins
                .range(..self.logins.len().min(TOGETHER))
                .cloned()
                .collect();
            let taken = some.len();
            let rest = self.operations.look_at_each(some).await?;
            self.logins.drain(..taken);
            self.unfilled.extend(rest.unfilled);
            busy.extend(rest.busy);
            if rest.promoted > 0 {
                tracing::info!(piles = rest.promoted, "came into service");
                metrics::counter!("register_in_service_total").increment(rest.promoted as u64);
            }
        }
        self.logins = busy;
        Ok(())
    }

    async fn fill(&mut self) -> Result<(), OperationError> {
        let mut missing = Vec::new();
        while !self.unfilled.is_empty() {
            let from = self.unfilled.len().saturating_sub(TOGETHER);
            missing.extend(self.operations.fill(&self.unfilled[from..]).await?);
            self.unfilled.truncate(from);
        }
        self.unfilled = missing;
        Ok(())
    }

    async fn separate(&mut self) -> Result<(), OperationError> {
        while let Some(shared) = self.shared.front().cloned() {
            let at = now();
            self.told.retain(|_, told| at - *told < ONCE_IN_MS);
            let pair = [&shared.before, &shared.now];
            let known = pair
                .iter()
                .any(|sn| self.told.contains_key(&(shared.uuid, (*sn).clone())));
            if !known {
                match self.operations.separate(&shared).await {
                    Ok(newcomer) => self.told.extend(newcomer.map(|sn| ((shared.uuid, sn), at))),
                    Err(error) if error.dependency().is_some() => return Err(error),
                    // They are still at it: the next turn tries again.
                    Err(error) => tracing::warn!(uuid = %shared.uuid, %error, "two TCUs were not separated"),
                }
            }
            self.shared.pop_front();
        }
        Ok(())
    }

    async fn mend(&mut self) -> Result<(), OperationError> {
        if is_due(self.mended, MEND_EVERY) {
            self.operations.mend(&mut self.hopeless).await?;
            self.mended = Some(Instant::now());
        }
        Ok(())
    }
}

fn is_due(last: Option<Instant>, every: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() >= every)
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() >= WAITING {
        queue.pop_front();
    }
    queue.push_back(item);
}
