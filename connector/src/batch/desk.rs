//! All open batches, and their rows.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use common::backoff::Backoff;
use protocol::Uuid;
use proxy::{Ask, State};
use store::table::command_batch::{self, BatchState, CommandBatch};
use store::table::command_batch_pile::CommandBatchPile;
use store::versioned::{self, now};
use store::{Conditions, StoreError};
use tracing::{info, warn};

use super::runs;
use super::work::Work;
use crate::ground::Ground;

/// A batch whose piles are not all there is begun without them after this time, ms.
const PATIENCE: i64 = 600_000;
/// Rows that one insert takes.
const ROWS: usize = 50_000;
/// Clocks of two machines may differ by this, ms.
const CLOCKS: i64 = 3_600_000;

/// See the module.
pub(super) struct Desk {
    ground: Ground,
    batches: BTreeMap<u64, Work>,
    /// Whose turn it was last: batches take turns.
    last: u64,
}

impl Desk {
    pub(super) fn new(ground: Ground) -> Self {
        Self {
            ground,
            batches: BTreeMap::new(),
            last: 0,
        }
    }

    /// Open batches.
    pub(super) fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Their piles without a final state.
    pub(super) fn piles(&self) -> usize {
        self.batches.values().map(Work::open).sum()
    }

    /// Reads which batches there are. Gives back the commands that are to be withdrawn.
    pub(super) async fn refresh(&mut self) -> Result<Vec<(Uuid, String)>, StoreError> {
        let mut withdrawn = Vec::new();
        let open = command_batch::open(&self.ground.db).await?;
        let ids: HashSet<u64> = open.iter().map(|row| row.batch_id).collect();
        // Deleted by people: nobody wants to know what becomes of it.
        self.batches.retain(|id, _| ids.contains(id));
        for row in open {
            let id = row.batch_id;
            let new = !self.batches.contains_key(&id);
            let cancelled = row.state == BatchState::Cancelled.as_str();
            if new {
                if !self.load(row).await? {
                    continue;
                }
            } else if let Some(work) = self.batches.get_mut(&id)
                && row.timestamp > work.row.timestamp
            {
                let was = work.state;
                work.update(row);
                if was == work.state {
                    continue;
                }
                info!(
                    batch_id = id,
                    from = was.as_str(),
                    to = work.state.as_str(),
                    "a batch was changed"
                );
            } else {
                continue;
            }
            if cancelled && let Some(work) = self.batches.get_mut(&id) {
                let mut asked: HashSet<u64> = HashSet::new();
                if new {
                    // Also those of which nothing is written: the connector before may have asked them.
                    asked.extend(work.look_for(true, now()).into_iter().map(|(pile, _)| pile));
                }
                asked.extend(work.cancel(now()));
                let marks = asked.into_iter().filter_map(|pile| work.mark(pile));
                withdrawn.extend(marks.map(|(uuid, mark)| (uuid, mark.to_owned())));
            }
        }
        Ok(withdrawn)
    }

    /// Takes a batch in; not yet while its piles are still being written.
    async fn load(&mut self, mut row: CommandBatch) -> Result<bool, StoreError> {
        let id = row.batch_id;
        let these = Conditions::new().and("batch_id = ?", [id.into()]);
        let piles: Vec<CommandBatchPile> = versioned::present(&self.ground.db, &these).await?;
        if piles.len() < row.total as usize && now() < row.created_time + PATIENCE {
            return Ok(false);
        }
        if row.state == BatchState::Pending.as_str() {
            BatchState::Running.as_str().clone_into(&mut row.state);
            self.ground.yield_to_people(&mut row);
            let token = self.ground.token();
            self.ground.insert(std::slice::from_ref(&row), &token).await?;
        }
        let mut work = Work::new(row, piles);
        reconcile(&self.ground, &mut work, true).await?;
        info!(
            batch_id = id,
            piles = work.piles(),
            open = work.open(),
            "a batch is worked on"
        );
        self.batches.insert(id, work);
        Ok(true)
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self, now: i64) -> Option<(u64, u64)> {
        let later = (self.last + 1)..;
        let (behind, before) = (
            self.batches.range(later).map(|(id, _)| *id),
            self.batches.keys().copied(),
        );
        let turns: Vec<u64> = behind.chain(before).take(self.batches.len()).collect();
        for id in turns {
            let work = self.batches.get_mut(&id)?;
            if let Some(device_id) = work.next(now) {
                self.last = id;
                return Some((id, device_id));
            }
        }
        None
    }

    /// The command for a pile; none if it cannot be asked.
    pub(super) fn ask(&self, batch_id: u64, device_id: u64) -> Option<(Uuid, Ask)> {
        let clock = || protocol::time::format(now());
        self.batches.get(&batch_id)?.ask(device_id, clock)
    }

    pub(super) fn asked(&mut self, batch_id: u64, device_id: u64) {
        self.with(batch_id, |work| work.asked(device_id, now()));
    }

    pub(super) fn not_asked(&mut self, batch_id: u64, device_id: u64) {
        self.with(batch_id, |work| work.not_asked(device_id));
    }

    pub(super) fn heard(&mut self, batch_id: u64, device_id: u64, state: State, reason: &str) {
        self.with(batch_id, |work| work.heard(device_id, state, reason, now()));
    }

    pub(super) fn end(&mut self, batch_id: u64, device_id: u64, state: State, reason: &str) {
        self.with(batch_id, |work| work.end(device_id, state, reason, now()));
    }

    fn with(&mut self, batch_id: u64, change: impl FnOnce(&mut Work)) {
        if let Some(work) = self.batches.get_mut(&batch_id) {
            change(work);
        }
    }

    /// Writes the rows that have changed, as often as it takes, and ends the batches that are over.
    pub(super) async fn write(&mut self) {
        let mut rows = Vec::new();
        for work in self.batches.values_mut() {
            for row in work.take_changed() {
                self.ground.renew(row);
                rows.push(row.clone());
            }
        }
        for rows in rows.chunks(ROWS) {
            insert_until_done(&self.ground, rows).await;
        }
        // Behind the rows: who sees that a batch is over sees what became of every pile.
        let over: Vec<u64> = self
            .batches
            .values()
            .filter(|work| work.is_over())
            .map(|work| work.row.batch_id)
            .collect();
        for id in over {
            let Some(mut work) = self.batches.remove(&id) else {
                continue;
            };
            work.row.finished_time = now();
            if work.state != BatchState::Cancelled {
                BatchState::Finished.as_str().clone_into(&mut work.row.state);
            }
            self.ground.yield_to_people(&mut work.row);
            insert_until_done(&self.ground, std::slice::from_ref(&work.row)).await;
            info!(batch_id = id, "a batch is over");
        }
    }

    /// Looks for what was not heard of for a while. Gives back the commands that are to be withdrawn.
    pub(super) async fn look(&mut self) -> Result<Vec<(Uuid, String)>, StoreError> {
        let mut withdrawn = Vec::new();
        for work in self.batches.values_mut() {
            reconcile(&self.ground, work, false).await?;
            for pile in work.overdue(now()) {
                let mark = work.mark(pile).map(|(uuid, mark)| (uuid, mark.to_owned()));
                withdrawn.extend(mark);
                work.end(pile, State::TimedOut, "期限已过，下达服务没有回音，已撤销", now());
            }
        }
        Ok(withdrawn)
    }
}

/// Compares a batch with `command_record`.
async fn reconcile(ground: &Ground, work: &mut Work, all: bool) -> Result<(), StoreError> {
    let piles = work.look_for(all, now());
    if piles.is_empty() {
        return Ok(());
    }
    let since = work.row.created_time - CLOCKS;
    let asked: Vec<(u64, &str)> = piles.iter().map(|(pile, mark)| (*pile, mark.as_str())).collect();
    let mut standings = ground.dispatch.standings(&asked, since).await?;
    for (pile, mark) in piles {
        match standings.remove(&(pile, mark)) {
            Some(standing) => work.heard(pile, standing.state, &standing.reason, now()),
            None if runs(work.state) => work.missing(pile, now()),
            None => {}
        }
    }
    Ok(())
}

async fn insert_until_done<R: store::Record>(ground: &Ground, rows: &[R]) {
    if rows.is_empty() {
        return;
    }
    let token = ground.token();
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
    while let Err(error) = ground.insert(rows, &token).await {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        warn!(%error, cause, rows = rows.len(), "what became of piles cannot be written yet; trying again");
        backoff.wait().await;
    }
}
