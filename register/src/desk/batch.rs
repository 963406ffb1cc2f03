//! Requests that are worked on together: sorted, judged, written, and only then told.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::try_join;
use protocol::reply::RegisterResult;
use protocol::{Password, Uuid};
use store::table::registration_allow_list::Entry;
use tracing::{info, warn};

use super::group::Group;
use super::outlet::{Outlet, granted, pending, refused};
use crate::access;
use crate::broker::{Broker, BrokerError, NewAccount};
use crate::config::{RegistrationConfig, Unlisted};
use crate::ledger::{Ledger, LedgerError, Locks, now};
use crate::model::{
    Credential, Policy, Registration, Request, Serial, State, Verdict, decide, generate_password,
};

/// What becomes of a group.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is told this; the label is what it counts as.
    Told(&'static str, RegisterResult),
    /// Another process works on it.
    Later,
}

/// What the work needs.
pub(super) struct Work {
    pub(super) ledger: Ledger,
    pub(super) broker: Broker,
    pub(super) outlet: Outlet,
    pub(super) config: RegistrationConfig,
}

/// Accounts for which a Mosquitto is kept busy at once: with 20,000 accounts each takes it half a second, and the
/// whole batch must be done while the locks last.
const MOSQUITTO_BATCH: usize = 16;

/// A request with its verdict, and the row that carries it out.
struct Step<'a> {
    request: &'a Request,
    known: Option<&'a Registration>,
    verdict: Verdict,
    /// The row to write, and what the TCU is given.
    row: Option<(Registration, Option<Granted>)>,
}

struct Granted {
    uuid: Uuid,
    password: Password,
}

impl Work {
    /// Requests that are worked on together.
    pub(super) fn most(&self) -> usize {
        match self.broker {
            Broker::Mosquitto(_) => self.config.batch.min(MOSQUITTO_BATCH),
            Broker::Emqx(_) | Broker::None => self.config.batch,
        }
    }

    /// Works on groups; the outcomes are in their order. Nobody else works on them until the locks are released.
    pub(super) async fn on(
        &self,
        groups: &[Group],
        locks: &Locks,
        complain: &(dyn Fn(&LedgerError) + Sync),
    ) -> Vec<Outcome> {
        let failed = |error: &LedgerError| {
            complain(error);
            Outcome::Told("failed", refused(error.public()))
        };
        if groups.is_empty() {
            return Vec::new();
        }
        let requests: Vec<&Request> = groups.iter().map(|group| &group.newest.request).collect();
        match self.all(&requests, locks).await {
            Ok(outcomes) => outcomes,
            // One row that cannot be read is its own TCU's trouble.
            Err(LedgerError::Unreadable(_)) if requests.len() > 1 => {
                let mut outcomes = Vec::with_capacity(requests.len());
                for request in requests {
                    let one = self.all(&[request], locks).await;
                    outcomes.extend(one.unwrap_or_else(|error| vec![failed(&error)]));
                }
                outcomes
            }
            Err(error) => requests.iter().map(|_| failed(&error)).collect(),
        }
    }

    async fn all(&self, requests: &[&Request], locks: &Locks) -> Result<Vec<Outcome>, LedgerError> {
        // Versions are as old as what they were decided on: a row that comes late, from one who has lost the lock,
        // does not hide what a later holder wrote.
        let now = now();
        let sns: Vec<&Serial> = requests.iter().map(|request| &request.sn).collect();
        let (known, allow_list) = try_join!(self.ledger.by_sn(&sns), self.ledger.allow_list())?;
        let mut steps = self.judge(requests, &known, &allow_list).await?;
        self.write(&mut steps, locks, now).await?;
        let settled = self.settled(&steps, locks).await?;
        let answers = self.tell_broker(&steps, &settled).await;
        let outcomes = steps.into_iter().zip(settled).zip(answers);
        Ok(outcomes
            .map(|((step, settled), answer)| match settled {
                true => step.outcome(answer),
                false => Outcome::Later,
            })
            .collect())
    }

    /// What becomes of each; those that would be the first to wait are counted against the room that is left.
    async fn judge<'a>(
        &self,
        requests: &[&'a Request],
        known: &'a HashMap<Serial, Registration>,
        allow_list: &[Entry],
    ) -> Result<Vec<Step<'a>>, LedgerError> {
        let mut policy = Policy {
            allow_list,
            unlisted: self.config.unlisted,
            room: true,
        };
        let mut room = None;
        let mut steps = Vec::with_capacity(requests.len());
        for request in requests {
            let known = known.get(&request.sn);
            policy.room = true;
            let mut verdict = decide(request, known, &policy);
            if verdict == Verdict::Hold && known.is_none_or(|known| known.state != State::Pending) {
                let left = match room {
                    Some(left) => left,
                    None => self.room().await?,
                };
                policy.room = left > 0;
                verdict = decide(request, known, &policy);
                room = Some(left.saturating_sub(1));
            }
            steps.push(Step {
                request,
                known,
                verdict,
                row: None,
            });
        }
        Ok(steps)
    }

    /// How many more may wait for staff.
    async fn room(&self) -> Result<u64, LedgerError> {
        if self.config.unlisted == Unlisted::Refuse {
            return Ok(0);
        }
        let waiting = self.ledger.count_in_state(State::Pending).await?;
        Ok(self.config.most_pending.saturating_sub(waiting))
    }

    /// Finds uuids for those that get one, makes passwords, saves the rows. Who should have a row and has none is
    /// another process's: a row that is written for nothing would still put an end to the last password.
    async fn write(&self, steps: &mut [Step<'_>], locks: &Locks, now: i64) -> Result<(), LedgerError> {
        let fresh: Vec<(&Serial, i64)> = steps
            .iter()
            .filter(|step| step.verdict == Verdict::Grant)
            .map(|step| (&step.request.sn, step.known.map_or(0, |known| known.version)))
            .collect();
        let mut fresh = self.ledger.allocate_first(&fresh).await?.into_iter();
        let held = locks.still_held().await?;
        for step in steps.iter_mut() {
            step.row = match step.verdict {
                Verdict::Grant => fresh.next().flatten().map(|uuid| step.granted(uuid, now)),
                Verdict::Renew(uuid) => Some(step.granted(uuid, now)),
                Verdict::Hold => Some((step.request.held(step.known, now), None)),
                Verdict::Refuse(_) => None,
            }
            .filter(|(row, _)| held.contains(&row.sn));
        }
        let rows: Vec<Registration> = steps.iter().filter_map(Step::saved).cloned().collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.ledger.save(&rows).await
    }

    /// Which of them hold: the lock has lasted until the row was written, and it is this row that counts. Redis may
    /// forget locks and clocks may differ; a TCU must not be told a password that another row has replaced.
    async fn settled(&self, steps: &[Step<'_>], locks: &Locks) -> Result<Vec<bool>, LedgerError> {
        let written: Vec<&Serial> = steps.iter().filter_map(Step::saved).map(|row| &row.sn).collect();
        let (stored, held) = try_join!(self.ledger.by_sn(&written), locks.still_held())?;
        let settled = |step: &Step<'_>| match step.saved() {
            Some(row) => held.contains(&row.sn) && stored.get(&row.sn) == Some(row),
            None => matches!(step.verdict, Verdict::Refuse(_)),
        };
        Ok(steps.iter().map(settled).collect())
    }

    /// Makes the accounts work at the broker; whatever is not granted here is answered with a refusal.
    async fn tell_broker(&self, steps: &[Step<'_>], settled: &[bool]) -> Vec<Result<(), BrokerError>> {
        let topics = self.outlet.topics();
        let mut answers: Vec<Result<(), BrokerError>> = steps.iter().map(|_| Ok(())).collect();
        let granting = steps
            .iter()
            .enumerate()
            .zip(settled)
            .filter(|(_, settled)| **settled);
        let (places, accounts): (Vec<usize>, Vec<NewAccount>) = granting
            .filter_map(|((at, step), _)| {
                let (row, new) = step.row.as_ref()?;
                let new = new.as_ref()?;
                let account = NewAccount {
                    username: row.username.clone(),
                    password: new.password.clone(),
                    rules: access::pile(topics, new.uuid, row.former_uuid),
                };
                Some((at, account))
            })
            .unzip();
        if accounts.is_empty() {
            return answers;
        }
        let granted = within(self.config.lock / 2, self.broker.grant(&accounts)).await;
        for (n, at) in places.iter().enumerate() {
            let granted = granted.as_ref().map_or_else(
                |late| Err(late.clone()),
                |all| match all.get(n) {
                    Some(answer) => answer.clone(),
                    None => Ok(()),
                },
            );
            answers[*at] = granted;
            self.forget_former(&steps[*at]).await;
        }
        answers
    }

    /// The account is named after the uuid; that of an earlier one is nobody's now.
    async fn forget_former(&self, step: &Step<'_>) {
        let (Some(known), Some(row)) = (step.known, step.saved()) else {
            return;
        };
        if known.username.is_empty() || known.username == row.username {
            return;
        }
        if let Err(error) = self.broker.remove(&known.username).await {
            let username = &known.username;
            warn!(%error, username, "an account of before is still at the broker; the next comparison removes it");
        }
    }
}

impl Step<'_> {
    fn granted(&self, uuid: Uuid, now: i64) -> (Registration, Option<Granted>) {
        let password = generate_password();
        let credential = Credential::of(&password);
        let row = self.request.granted(self.known, uuid, credential, now);
        (row, Some(Granted { uuid, password }))
    }

    fn saved(&self) -> Option<&Registration> {
        self.row.as_ref().map(|(row, _)| row)
    }

    fn outcome(self, broker: Result<(), BrokerError>) -> Outcome {
        if let Err(error) = broker {
            warn!(%error, sn = %self.request.sn, "the broker does not take the account");
            return Outcome::Told("failed", refused("平台暂不可用(接入账号)，请稍后重试"));
        }
        match (self.verdict, self.row) {
            (Verdict::Refuse(refusal), _) => Outcome::Told("refused", refused(refusal.to_string())),
            (verdict, Some((row, Some(new)))) => {
                let again = matches!(verdict, Verdict::Renew(_));
                let label = if again { "renewed" } else { "granted" };
                info!(sn = %row.sn, uuid = %new.uuid, label, "registered");
                Outcome::Told(label, granted(new.uuid, &row.username, &new.password))
            }
            (_, Some((_, None))) => Outcome::Told("held", pending()),
            (_, None) => Outcome::Later,
        }
    }
}

async fn within<T>(patience: Duration, call: impl Future<Output = T>) -> Result<T, BrokerError> {
    tokio::time::timeout(patience, call).await.map_err(|_| {
        BrokerError::Away(
            "that keeps the accounts".to_owned(),
            format!("no answer within {patience:?}"),
        )
    })
}
