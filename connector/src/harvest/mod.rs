//! Answers worth keeping, whoever asked: parameters, SIM cards, versions, clocks.
//!
//! Follows every outcome. One is acknowledged once its rows are in ClickHouse, so none is lost; one that comes again
//! gives the same rows. One exception: an answer whose request does not appear in `command_record` is acknowledged
//! before it is understood, since a broker must not wait for one message while tens of thousands pass it.

mod read;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clickhouse::Row;
use common::backoff::Backoff;
use proxy::Outcome;
use serde::Deserialize;
use serde_json::Value;
use store::versioned::now;
use store::{Conditions, Record, StoreError};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use crate::dispatch::{Follower, Heard};
use crate::ground::Ground;
use read::{Crop, is_ripe, needs_request};

/// Answers that are written together: those of so long, and no more than so many.
const GATHER: Duration = Duration::from_millis(500);
const MOST: usize = 5_000;
/// How long the broker waits for an answer whose command is not in `command_record` yet. Packet numbers begin anew
/// after 65,535 messages, so it must be a time in which far fewer come.
const HELD: Duration = Duration::from_secs(15);
/// How long such a command is looked for.
const PATIENCE: Duration = Duration::from_secs(600);
/// Commands are asked for at most this long before they are answered, ms: the longest deadline and a day.
const BACK: i64 = 31 * 86_400_000;

/// The room of one term.
pub(crate) fn start(ground: &Ground) -> impl Future<Output = ()> + Send + use<> {
    let room = Room {
        follower: ground.dispatch.follow(""),
        late: Vec::new(),
        ground: ground.clone(),
    };
    room.run()
}

struct Room {
    ground: Ground,
    follower: Follower,
    /// Whose request is not in `command_record` yet.
    late: Vec<Ripe>,
}

/// An answer worth keeping.
struct Ripe {
    outcome: Arc<Outcome>,
    /// What acknowledges it, unless that has been done.
    heard: Option<Heard>,
    since: Instant,
}

impl Ripe {
    fn new(heard: Heard) -> Self {
        Self {
            outcome: heard.shared(),
            heard: Some(heard),
            since: Instant::now(),
        }
    }

    fn done(&mut self) {
        if let Some(heard) = self.heard.take() {
            heard.done();
        }
    }
}

#[derive(Row, Deserialize)]
struct Named {
    device_id: u64,
    name: String,
}

#[derive(Row, Deserialize)]
struct Requested {
    device_id: u64,
    caller: String,
    request: String,
}

impl Room {
    async fn run(mut self) {
        let stop = self.ground.stop.clone();
        tokio::select! {
            () = self.work() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn work(&mut self) {
        while let Some(mut ripe) = self.gather().await {
            let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
            // Without ClickHouse outcomes wait, here and with the broker.
            while let Err(error) = self.keep(&mut ripe).await {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                warn!(%error, cause, answers = ripe.len(), "answers cannot be kept yet; trying again");
                backoff.wait().await;
            }
        }
    }

    /// The answers of half a second; what is not worth keeping is acknowledged at once. None when the term ends.
    async fn gather(&mut self) -> Option<Vec<Ripe>> {
        let until = Instant::now() + GATHER;
        let mut ripe = std::mem::take(&mut self.late);
        while ripe.len() < MOST {
            match timeout_at(until, self.follower.next()).await {
                Ok(Some(heard)) if is_ripe(heard.outcome()) => ripe.push(Ripe::new(heard)),
                Ok(Some(heard)) => heard.done(),
                Ok(None) => return None,
                Err(_) => break,
            }
        }
        Some(ripe)
    }

    /// Writes the rows of all of them, and acknowledges; on an error nothing has happened yet.
    async fn keep(&mut self, ripe: &mut Vec<Ripe>) -> Result<(), StoreError> {
        if ripe.is_empty() {
            return Ok(());
        }
        let piles = self.piles(ripe).await?;
        let requests = self.requests(ripe, &piles).await?;
        let mut crop = Crop::default();
        let mut late = Vec::new();
        for (nth, answer) in ripe.iter().enumerate() {
            let outcome = &*answer.outcome;
            let device_id = piles.get(&outcome.uuid.to_string()).copied();
            let request = device_id.and_then(|pile| requests.get(&(pile, outcome.mark.clone())));
            match (device_id, request) {
                (Some(_), None) if needs_request(outcome) && answer.since.elapsed() < PATIENCE => {
                    late.push(nth)
                }
                (Some(device_id), request) => {
                    crop.take(device_id, outcome, request.unwrap_or(&Value::Null), now())
                }
                // A pile that has been deleted meanwhile.
                (None, _) => {}
            }
        }
        self.insert(&crop.parameters).await?;
        self.insert(&crop.sims).await?;
        self.insert(&crop.versions).await?;
        self.insert(&crop.clocks).await?;
        for (nth, mut answer) in std::mem::take(ripe).into_iter().enumerate() {
            let is_late = late.binary_search(&nth).is_ok();
            if !is_late || answer.since.elapsed() > HELD {
                answer.done();
            }
            if is_late {
                self.late.push(answer);
            }
        }
        Ok(())
    }

    async fn insert<R: Record>(&self, rows: &[R]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        metrics::counter!("connector_harvested_total", "table" => R::TABLE.name())
            .increment(rows.len() as u64);
        // Again with another token it gives the same rows again, which replace themselves.
        self.ground.insert(rows, &self.ground.token()).await
    }

    /// Device ids by uuid.
    async fn piles(&self, ripe: &[Ripe]) -> Result<HashMap<String, u64>, StoreError> {
        let names: Vec<String> = ripe
            .iter()
            .map(|answer| answer.outcome.uuid.to_string())
            .collect();
        let these = Conditions::new().and("flag_del = 0 AND name IN ?", [names.into()]);
        let sql = "SELECT device_id, name FROM asset FINAL";
        let rows: Vec<Named> = self
            .ground
            .db
            .rows("piles by name", these.query(&self.ground.db, sql))
            .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.device_id)).collect())
    }

    /// What was written to piles whose answers do not say so.
    async fn requests(
        &self,
        ripe: &[Ripe],
        piles: &HashMap<String, u64>,
    ) -> Result<HashMap<(u64, String), Value>, StoreError> {
        let outcomes = ripe.iter().map(|answer| &*answer.outcome);
        let (mut devices, mut marks, mut since) = (Vec::<u64>::new(), Vec::new(), i64::MAX);
        for outcome in outcomes.filter(|outcome| needs_request(outcome) && !outcome.mark.is_empty()) {
            devices.extend(piles.get(&outcome.uuid.to_string()));
            marks.push(outcome.mark.clone());
            since = since.min(outcome.time - BACK);
        }
        if marks.is_empty() {
            return Ok(HashMap::new());
        }
        let these = Conditions::new()
            .and("device_id IN ?", [devices.into()])
            .and("created_time >= ?", [since.into()])
            .and("caller IN ? AND command = '参数配置'", [marks.into()]);
        let sql = "SELECT device_id, caller, request FROM command_record FINAL";
        let rows: Vec<Requested> = self
            .ground
            .db
            .rows("what was written to piles", these.query(&self.ground.db, sql))
            .await?;
        let read = |row: Requested| {
            let request = serde_json::from_str(&row.request).unwrap_or_default();
            ((row.device_id, row.caller), request)
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
