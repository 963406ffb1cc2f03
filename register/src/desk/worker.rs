//! The one that works: takes what waits, up to a batch, and sees each request through to its answer.

use std::time::{Duration, Instant};

use common::shutdown::Shutdown;
use futures_util::future::join_all;
use metrics::{counter, histogram};
use protocol::Payload as _;
use protocol::reply::RegisterResult;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};
use tracing::warn;

use super::batch::{Outcome, Work};
use super::group::{Group, groups};
use super::intake::{Job, outcome};
use super::outlet::refused;
use super::seldom::Seldom;
use crate::model::Serial;

/// A TCU that another process works on is looked at again after this time.
const AGAIN_AFTER: Duration = Duration::from_millis(300);
/// So often, three seconds in all; then it is told to ask again.
const TRIES: u32 = 10;

/// How long the locks are kept for answers to reach the broker.
const ARRIVE_WITHIN: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Worker {
    pub(super) work: Work,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) complaints: Seldom,
}

impl Worker {
    /// Works until `stop`, then on what is left.
    pub(super) async fn run(mut self, stop: Shutdown) {
        let mut waiting: Vec<(Instant, Job)> = Vec::new();
        loop {
            let jobs = self.next(&mut waiting, &stop).await;
            if jobs.is_empty() {
                return;
            }
            histogram!("register_batch_messages").record(jobs.len() as f64);
            let again = self.see_to(groups(jobs)).await;
            let at = Instant::now() + AGAIN_AFTER;
            waiting.extend(again.into_iter().map(|job| (at, job)));
        }
    }

    /// What is to be worked on next; nothing once the service stops and all is done.
    async fn next(&mut self, waiting: &mut Vec<(Instant, Job)>, stop: &Shutdown) -> Vec<Job> {
        let most = self.work.most();
        loop {
            let now = Instant::now();
            let stopping = stop.is_triggered();
            let mut jobs: Vec<Job> = waiting
                .extract_if(.., |(due, _)| stopping || *due <= now)
                .map(|(_, job)| job)
                .take(most)
                .collect();
            while jobs.len() < most
                && let Ok(job) = self.jobs.try_recv()
            {
                jobs.push(job);
            }
            if stopping || !jobs.is_empty() {
                return jobs;
            }
            let due = waiting.iter().map(|(due, _)| *due).min();
            let far = now + Duration::from_secs(3600);
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep_until(due.unwrap_or(far).into()), if due.is_some() => {}
                job = self.jobs.recv() => match job {
                    Some(job) => waiting.push((now, job)),
                    None => stop.cancelled().await,
                },
            }
        }
    }

    /// Gives back those that another process works on.
    async fn see_to(&self, groups: Vec<Group>) -> Vec<Job> {
        let sns: Vec<Serial> = groups.iter().map(|g| g.newest.request.sn.clone()).collect();
        let refs: Vec<&Serial> = sns.iter().collect();
        let locks = match self.work.ledger.lock(&refs).await {
            Ok(locks) => locks,
            Err(error) => {
                self.complain(&error);
                for group in groups {
                    drop(self.tell(group, "failed", &refused(error.public())).await);
                }
                return Vec::new();
            }
        };
        let (ours, others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|g| locks.has(&g.newest.request.sn));
        let outcomes = self.work.on(&ours, &locks, &|error| self.complain(error)).await;
        let (mut again, mut told) = (Vec::new(), Vec::new());
        for (group, outcome) in ours.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Told(label, result) => told.push(self.tell(group, label, &result).await),
                Outcome::Later => again.extend(self.later(group).await),
            }
        }
        // Another process's answer to the same TCU must not overtake these: the last password is the one that works.
        let _ = timeout(ARRIVE_WITHIN, join_all(told)).await;
        locks.release().await;
        for group in others {
            again.extend(self.later(group).await);
        }
        again
    }

    /// The request once more, unless it has waited long enough.
    async fn later(&self, mut group: Group) -> Option<Job> {
        group.newest.tries += 1;
        if group.newest.tries >= TRIES {
            self.tell(group, "contended", &refused("正在处理，请稍后重试"))
                .await;
            return None;
        }
        for receipt in group.older {
            outcome("merged");
            drop(self.work.outlet.answer(receipt, None).await);
        }
        Some(group.newest)
    }

    /// What is given back tells when the broker has the answer.
    async fn tell(
        &self,
        group: Group,
        label: &'static str,
        result: &RegisterResult,
    ) -> oneshot::Receiver<()> {
        let Group { newest, older } = group;
        outcome(label);
        histogram!("register_request_seconds").record(newest.received.elapsed());
        let outlet = &self.work.outlet;
        let topic = outlet.topics().register_result(newest.request.sn.as_str());
        let message = (topic, result.to_json(newest.reqid));
        let arrived = outlet.answer(newest.receipt, Some(message)).await;
        for receipt in older {
            outcome("merged");
            drop(outlet.answer(receipt, None).await);
        }
        arrived
    }

    fn complain(&self, error: &crate::LedgerError) {
        let dependency = error.dependency().map_or("none", |d| d.as_str());
        counter!("register_ledger_failures_total", "dependency" => dependency).increment(1);
        if let Some(passed_over) = self.complaints.may() {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            warn!(%error, cause, passed_over, "requests are refused");
        }
    }
}
