//! `log_file`: a pile is asked for a log, brings it, and it is read into `log_content`.
//!
//! People write a row as requested; from there on the row is this room's, except that people may cancel it. Each log
//! that is worked on has a task of its own, which begins wherever its row stands: asking again is the same command,
//! and what was heard of it meanwhile is in `command_record`. Every log ends at its deadline at the latest.

mod charset;
mod collect;
mod job;
mod text;

use std::collections::{HashMap, HashSet};

use store::table::log_file::{self, LogFile};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant};
use tracing::warn;

use self::job::{Job, Note};
use crate::dispatch::Heard;
use crate::ground::Ground;
use crate::wake::What;

/// What a log's mark begins with.
const PREFIX: &str = "l";

/// How often it is looked for logs that are wanted, without being woken.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A job that runs.
struct Running {
    device_id: u64,
    notes: mpsc::UnboundedSender<Note>,
}

/// The room of one term.
pub(crate) fn start(ground: &Ground) -> impl Future<Output = ()> + Send + use<> {
    let mut follower = ground.dispatch.follow(PREFIX);
    let mut sleeper = ground.wake.sleeper(What::Log);
    let mut room = Room {
        ground: ground.clone(),
        running: HashMap::new(),
        jobs: JoinSet::new(),
    };
    async move {
        let stop = room.ground.stop.clone();
        let mut due = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = sleeper.sleep_until(due) => {
                    room.look().await;
                    due = Instant::now() + LOOK_EVERY;
                }
                Some(heard) = follower.next() => room.hear(heard),
                Some(ended) = room.jobs.join_next() => room.ended(ended),
            }
        }
        // Where they stand is in their rows.
        room.jobs.shutdown().await;
    }
}

struct Room {
    ground: Ground,
    running: HashMap<u64, Running>,
    jobs: JoinSet<u64>,
}

impl Room {
    /// Begins what waits, and tells those that are no longer wanted.
    async fn look(&mut self) {
        let open = match log_file::open(&self.ground.db).await {
            Ok(open) => open,
            Err(error) => {
                warn!(%error, "logs that are wanted cannot be read; trying again");
                return;
            }
        };
        let wanted: HashSet<u64> = open.iter().map(|log| log.log_id).collect();
        for (log_id, job) in &self.running {
            if !wanted.contains(log_id) {
                // It has ended by itself, or does so now.
                let _ = job.notes.send(Note::Withdrawn);
            }
        }
        for log in open {
            self.consider(log);
        }
        metrics::gauge!("connector_logs_in_work").set(self.running.len() as f64);
    }

    /// One log of a pile at a time: the pile would do them one after the other anyway, and they may be one file.
    fn consider(&mut self, log: LogFile) {
        let most = self.ground.config.log_file.at_once as usize;
        let busy = self.running.values().any(|job| job.device_id == log.device_id);
        let late = log.deadline <= store::versioned::now();
        if self.running.contains_key(&log.log_id) || !late && (busy || self.running.len() >= most) {
            return;
        }
        let (notes, heard) = mpsc::unbounded_channel();
        let (log_id, device_id) = (log.log_id, log.device_id);
        self.running.insert(log_id, Running { device_id, notes });
        let job = Job::new(self.ground.clone(), log, heard);
        self.jobs.spawn(async move {
            job.run().await;
            log_id
        });
    }

    /// What is lost when this connector is killed stands in `command_record`, where a job looks when it begins.
    fn hear(&self, heard: Heard) {
        let log_id = heard
            .outcome()
            .mark
            .strip_prefix(PREFIX)
            .and_then(|id| id.parse().ok());
        let job = log_id.and_then(|id: u64| self.running.get(&id));
        if let Some(job) = job {
            let _ = job.notes.send(Note::Heard(Box::new(heard.outcome().clone())));
        }
        heard.done();
    }

    fn ended(&mut self, ended: Result<u64, tokio::task::JoinError>) {
        match ended {
            Ok(log_id) => drop(self.running.remove(&log_id)),
            Err(error) => {
                warn!(%error, "collecting a log ended badly");
                self.running.retain(|_, job| !job.notes.is_closed());
            }
        }
    }
}

fn mark(log_id: u64) -> String {
    format!("{PREFIX}{log_id}")
}
