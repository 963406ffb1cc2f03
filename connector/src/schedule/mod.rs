//! `schedule`: commands that recur, by a cron expression in Shanghai's time.
//!
//! A run is a batch of its own (kind `schedule`), which the room of batches works on, and a row of `schedule_run`. A
//! pile keeps its place within `spread_s`, so that the fleet is asked evenly and each pile at the same distance from
//! run to run. Of runs that were missed while no connector worked, the latest is made, once. A run that is due while
//! the one before it goes on is left out.
//!
//! ops_tcu has a timed poll of 关键器件动作 of its own (`device.component_poll`), which is what acts by default. While any
//! schedule for that command is enabled, the schedule asks and the poll rests, for all piles: ops_tcu looks every
//! `device.refresh`.

mod online;
mod plan;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use clickhouse::Row;
use common::cron::Cron;
use serde::Deserialize;
use store::selection::{Chosen, Selection};
use store::table::command_batch::{self, kind};
use store::table::schedule::Schedule;
use store::table::schedule_run::ScheduleRun;
use store::versioned::{self, now};
use store::{Conditions, StoreError};
use tracing::{info, warn};

use crate::ground::Ground;
use crate::wake::{Sleeper, What};

/// Rows of one insert.
const ROWS: usize = 50_000;
/// How long a room waits that failed.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Why a run could not be made now; it is tried again.
#[derive(Debug, thiserror::Error)]
enum NotNow {
    #[error("ClickHouse does not answer as it should")]
    Store(#[from] StoreError),
    #[error("Redis does not tell which piles are online")]
    Redis(#[from] redis::RedisError),
}

/// The room of one term.
pub(crate) fn start(ground: &Ground) -> impl Future<Output = ()> + Send + use<> {
    let room = Room {
        ground: ground.clone(),
        sleeper: ground.wake.sleeper(What::Schedule),
        last: None,
        complained: HashSet::new(),
    };
    room.run()
}

struct Room {
    ground: Ground,
    sleeper: Sleeper,
    /// The last run of each schedule, once it has been read.
    last: Option<HashMap<u64, i64>>,
    /// Versions of schedules whose expression cannot be read.
    complained: HashSet<(u64, i64)>,
}

#[derive(Row, Deserialize)]
struct Last {
    schedule_id: u64,
    planned_time: i64,
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
        loop {
            if let Err(error) = self.look().await {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                warn!(%error, cause, "recurring jobs cannot be looked at now; trying again");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            self.sleeper.sleep().await;
        }
    }

    /// Makes the runs that are due.
    async fn look(&mut self) -> Result<(), NotNow> {
        let enabled = Conditions::new().and("enabled = 1", []);
        let schedules: Vec<Schedule> = versioned::present(&self.ground.db, &enabled).await?;
        if schedules.is_empty() {
            return Ok(());
        }
        if self.last.is_none() {
            self.last = Some(last_runs(&self.ground).await?);
        }
        for schedule in schedules {
            let cron: Cron = match schedule.cron.parse() {
                Ok(cron) => cron,
                Err(error) => {
                    if self.complained.insert((schedule.schedule_id, schedule.timestamp)) {
                        warn!(schedule_id = schedule.schedule_id, %error, "a schedule is never run");
                    }
                    continue;
                }
            };
            let last = self.last.get_or_insert_default();
            let before = last.get(&schedule.schedule_id).copied();
            if let Some(planned) = plan::due(&schedule, &cron, before, now()) {
                let run = make(&self.ground, &schedule, planned).await?;
                info!(
                    schedule_id = run.schedule_id,
                    planned,
                    state = run.state,
                    chosen = run.chosen,
                    "a run was made"
                );
                last.insert(run.schedule_id, planned);
            }
        }
        Ok(())
    }
}

async fn last_runs(ground: &Ground) -> Result<HashMap<u64, i64>, StoreError> {
    let sql = "SELECT schedule_id, max(planned_time) AS planned_time FROM schedule_run GROUP BY schedule_id";
    let rows: Vec<Last> = ground
        .db
        .rows("the last runs", ground.db.client().query(sql))
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.schedule_id, row.planned_time))
        .collect())
}

/// Makes one run: the piles, then the batch, then the word that it was made. Cut short anywhere, it is made again
/// with the same rows.
async fn make(ground: &Ground, schedule: &Schedule, planned: i64) -> Result<ScheduleRun, NotNow> {
    let start = now();
    let mut run = ScheduleRun {
        timestamp: start,
        schedule_id: schedule.schedule_id,
        planned_time: planned,
        started_time: start,
        ..ScheduleRun::default()
    };
    match choose(ground, schedule, planned).await? {
        Choice::Refused(state, reason) => {
            state.clone_into(&mut run.state);
            run.reason = reason;
        }
        Choice::Piles { piles, skipped } => {
            run.chosen = u32::try_from(piles.len() + skipped).unwrap_or(u32::MAX);
            run.skipped = u32::try_from(skipped).unwrap_or(u32::MAX);
            if piles.is_empty() {
                "empty".clone_into(&mut run.state);
            } else {
                let (batch, rows) = plan::rows(schedule, &piles, planned, start);
                for rows in rows.chunks(ROWS) {
                    ground.insert(rows, &ground.token()).await?;
                }
                ground
                    .insert(std::slice::from_ref(&batch), &ground.token())
                    .await?;
                "started".clone_into(&mut run.state);
                run.batch_id = batch.batch_id;
            }
        }
    }
    ground.insert(std::slice::from_ref(&run), &ground.token()).await?;
    ground.wake.wake(What::Batch);
    metrics::counter!("connector_schedule_runs_total", "state" => run.state.clone()).increment(1);
    Ok(run)
}

enum Choice {
    Piles {
        piles: Vec<Chosen>,
        skipped: usize,
    },
    /// State and reason of a run that asks nobody.
    Refused(&'static str, String),
}

async fn choose(ground: &Ground, schedule: &Schedule, planned: i64) -> Result<Choice, NotNow> {
    if !plan::COMMANDS.contains(&schedule.command.as_str()) {
        let reason = format!(
            "命令 {} 不能定时执行，可用：{}",
            schedule.command,
            plan::COMMANDS.join("、")
        );
        return Ok(Choice::Refused("failed", reason));
    }
    let selection: Selection = match serde_json::from_str(&schedule.selection) {
        Ok(selection) => selection,
        Err(error) => return Ok(Choice::Refused("failed", format!("选桩条件有误：{error}"))),
    };
    if still_runs(ground, schedule, planned).await? {
        return Ok(Choice::Refused(
            "skipped",
            "上一次执行尚未结束，本次略过".to_owned(),
        ));
    }
    let all = store::selection::resolve(&ground.db, selection.within(schedule.organization_id)).await?;
    if schedule.skip_offline == 0 {
        return Ok(Choice::Piles {
            piles: all,
            skipped: 0,
        });
    }
    let online = online::online(&ground.redis, &ground.keys, &all).await?;
    let chosen = all.len();
    let piles: Vec<Chosen> = all
        .into_iter()
        .filter(|pile| online.contains(&pile.device_id))
        .collect();
    let skipped = chosen - piles.len();
    Ok(Choice::Piles { piles, skipped })
}

/// Whether an earlier run of the schedule goes on.
async fn still_runs(ground: &Ground, schedule: &Schedule, planned: i64) -> Result<bool, StoreError> {
    let this = plan::batch_id(schedule.schedule_id, planned);
    let open = command_batch::open(&ground.db).await?;
    Ok(open.iter().any(|batch| {
        batch.kind == kind::SCHEDULE && batch.origin_id == schedule.schedule_id && batch.batch_id != this
    }))
}
