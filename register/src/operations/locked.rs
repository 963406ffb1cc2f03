//! Operations on the same serial number follow one another, whichever processes they are in.

use std::time::Duration;

use common::backoff::Backoff;
use tokio::time::Instant;

use super::{Conflict, Done, OperationError, Operations, Target, Thing, View};
use crate::ledger::{Locks, now};
use crate::model::{Change, Decision, Registration, Serial, Step, apply};

/// Somebody who waits for an answer waits this long for the one before.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// A registration before and after an operation.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    pub(crate) before: Registration,
    pub(crate) after: Registration,
}

impl Operations {
    /// Locks them all, or none.
    pub(crate) async fn lock(&self, sns: &[&Serial]) -> Result<Locks, OperationError> {
        let begun = Instant::now();
        let mut backoff = Backoff::new(PAUSE, LONGEST_PAUSE);
        loop {
            let locks = self.ledger().lock(sns).await?;
            if sns.iter().all(|sn| locks.has(sn)) {
                return Ok(locks);
            }
            locks.release().await;
            if begun.elapsed() > PATIENCE {
                return Err(OperationError::Conflict(Conflict::Busy));
            }
            backoff.wait().await;
        }
    }

    /// The registration, if its state allows the step and nobody changed it since the caller read it.
    pub(crate) async fn admitted(&self, target: &Target, step: Step) -> Result<Registration, OperationError> {
        let registration = self.registration(&target.sn).await?;
        check_version(target.version, registration.version)?;
        step.check(registration.state)?;
        Ok(registration)
    }

    /// The registration of a serial number.
    pub(crate) async fn registration(&self, sn: &Serial) -> Result<Registration, OperationError> {
        let mut found = self.ledger().by_sn(&[sn]).await?;
        found
            .remove(sn)
            .ok_or(OperationError::Unknown(Thing::Registration))
    }

    /// Saves under locks. A Redis that lost its data lost the locks with it: whoever was let in meanwhile may have
    /// written too, and then nobody is told that it was done.
    pub(crate) async fn save(
        &self,
        locks: &Locks,
        registrations: &[Registration],
    ) -> Result<(), OperationError> {
        let held = async || Ok::<_, OperationError>(locks.still_held().await?);
        let all =
            |held: &std::collections::HashSet<Serial>| registrations.iter().all(|r| held.contains(&r.sn));
        if !all(&held().await?) {
            return Err(OperationError::Conflict(Conflict::Busy));
        }
        self.ledger().save(registrations).await?;
        // What is written is written, also where Redis does not say any more who was let in: then the table tells.
        if held().await.is_ok_and(|held| all(&held)) {
            return Ok(());
        }
        let sns: Vec<_> = registrations.iter().map(|r| &r.sn).collect();
        let truth = self.ledger().by_sn(&sns).await?;
        match registrations.iter().all(|r| truth.get(&r.sn) == Some(r)) {
            true => Ok(()),
            false => Err(OperationError::Conflict(Conflict::Busy)),
        }
    }

    /// An operation that changes one registration and nothing else in ClickHouse.
    pub(crate) async fn change_one(
        &self,
        caller: &super::Caller,
        target: &Target,
        step: Step,
        change: impl AsyncFnOnce(&Registration) -> Result<Change, OperationError>,
    ) -> Result<Changed, OperationError> {
        let locks = self.lock(&[&target.sn]).await?;
        let changed = async {
            let before = self.admitted(target, step).await?;
            let change = change(&before).await?;
            let after = apply(&before, change, &decision(caller, &target.reason))?;
            let recorded = self.record_change(caller, step, &before, &after).await?;
            let saved = self.save(&locks, std::slice::from_ref(&after)).await;
            self.conclude(recorded, saved).await?;
            Ok(Changed { before, after })
        }
        .await;
        locks.release().await;
        changed
    }
}

impl Operations {
    /// A change after which the TCU may not connect. Where it is done already its connection is closed once more: who
    /// asks again may have been told that ClickHouse was away, when it had taken the change.
    pub(crate) async fn change_and_close(
        &self,
        caller: &super::Caller,
        target: &Target,
        change: Change,
        for_good: bool,
    ) -> Result<Done, OperationError> {
        let step = change.step();
        match self.change_one(caller, target, step, async |_| Ok(change)).await {
            Ok(changed) => Ok(Done {
                broker: self.keep_out(&changed.before, for_good).await,
                registration: View::from(&changed.after),
                asset: None,
            }),
            Err(OperationError::Illegal(illegal)) => {
                let registration = self.registration(&target.sn).await?;
                if !registration.state.may_connect() {
                    self.keep_out(&registration, false).await;
                }
                Err(illegal.into())
            }
            Err(error) => Err(error),
        }
    }
}

/// By whom and when, for the registration.
pub(crate) fn decision<'a>(caller: &'a super::Caller, reason: &'a str) -> Decision<'a> {
    Decision {
        now: now(),
        by: &caller.account,
        reason,
    }
}

/// Refuses a change of something that was changed after the caller read it.
pub(crate) fn check_version(read: Option<i64>, present: i64) -> Result<(), OperationError> {
    match read {
        Some(read) if read < present => Err(OperationError::Conflict(Conflict::Older)),
        _ => Ok(()),
    }
}
