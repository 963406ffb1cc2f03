//! Two TCUs under one uuid: who of them is the newcomer, and the fresh uuid that it gets.

use protocol::Uuid;

use crate::ledger::{AllocationReason, Locks, now};
use crate::model::{Change, Decision, Registration, Serial, Step, apply, unknown_tcu};
use crate::operations::{Caller, OperationError, Operations};

/// How a reason begins that was given here.
const REASON: &str = "uuid重复";
/// 更新ID is sent to one TCU this often at most, ms.
pub(super) const ONCE_IN_MS: i64 = 86_400_000;

/// Two TCUs that log in under one uuid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Shared {
    pub(super) uuid: Uuid,
    pub(super) before: Serial,
    pub(super) now: Serial,
    /// As the later one said.
    pub(super) model: String,
}

impl Shared {
    /// The one that does not own the uuid; if neither does, the later one.
    pub(super) fn newcomer(&self, owners: &[Registration]) -> Serial {
        let owned = owners.iter().any(|owner| owner.sn == self.now);
        if owned { &self.before } else { &self.now }.clone()
    }
}

/// What to do about the newcomer, by its own registration.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// It has a uuid of its own, which it does not use: it is told so.
    Remind(Uuid),
    /// It was told a short time ago.
    Wait,
    /// It gets a uuid.
    Give(Box<Registration>),
    /// Staff have decided otherwise about this TCU.
    Leave,
}

fn plan(registration: Option<Registration>, sn: &Serial, shared: Uuid, now: i64) -> Plan {
    let Some(known) = registration else {
        return Plan::Give(Box::new(unknown_tcu(sn.clone())));
    };
    match known.uuid {
        Some(own) if known.state.may_connect() && own != shared => {
            let told = known.reason.starts_with(REASON) && now - known.version < ONCE_IN_MS;
            if told { Plan::Wait } else { Plan::Remind(own) }
        }
        _ if !known.state.may_connect() && Step::SwapIn.check(known.state).is_ok() => {
            Plan::Give(Box::new(known))
        }
        _ => Plan::Leave,
    }
}

impl Operations {
    /// Gives the newcomer a uuid of its own and tells it. Gives its serial number, or nothing if there is nothing to
    /// be done.
    ///
    /// # Errors
    /// ClickHouse or Redis is away; it may be tried again.
    pub(super) async fn separate(&self, shared: &Shared) -> Result<Option<Serial>, OperationError> {
        let owners = self.ledger().by_uuid(shared.uuid).await?;
        let sn = shared.newcomer(&owners);
        let locks = self.lock(&[&sn]).await?;
        let given = self.give_uuid(&locks, &sn, shared).await;
        locks.release().await;
        let given = given?;
        if let Some(uuid) = given {
            tracing::warn!(%sn, shared = %shared.uuid, %uuid, "a TCU is told to leave a uuid that is another's");
            self.say_change(&sn, shared.uuid, uuid);
        }
        Ok(given.map(|_| sn))
    }

    /// The uuid that the newcomer is to be told.
    async fn give_uuid(
        &self,
        locks: &Locks,
        sn: &Serial,
        shared: &Shared,
    ) -> Result<Option<Uuid>, OperationError> {
        let known = self.ledger().by_sn(&[sn]).await?.remove(sn);
        let before = match plan(known, sn, shared.uuid, now()) {
            Plan::Wait | Plan::Leave => return Ok(None),
            Plan::Remind(own) => return Ok(Some(own)),
            Plan::Give(before) => before,
        };
        let after = self.fresh(&before, shared).await?;
        let recorded = self
            .record_change(&platform(), Step::ChangeUuid, &before, &after)
            .await?;
        let saved = self.save(locks, std::slice::from_ref(&after)).await;
        self.conclude(recorded, saved).await?;
        Ok(after.uuid)
    }

    async fn fresh(&self, before: &Registration, shared: &Shared) -> Result<Registration, OperationError> {
        let sns = [&before.sn];
        let uuids = self.ledger().allocate(&sns, AllocationReason::Duplicate).await?;
        let other = if before.sn == shared.now {
            &shared.before
        } else {
            &shared.now
        };
        let reason = format!("{REASON}：与{other}同用{}", shared.uuid);
        let decision = Decision {
            now: now(),
            by: "register",
            reason: &reason,
        };
        let change = Change::SwapIn {
            device_id: 0,
            fresh: uuids.into_iter().next(),
        };
        let mut after = apply(before, change, &decision)?;
        if after.model.is_empty() && before.sn == shared.now {
            after.model.clone_from(&shared.model);
        }
        Ok(after)
    }
}

/// The platform acts in a person's place.
fn platform() -> Caller {
    Caller {
        account: "register".to_owned(),
        address: String::new(),
        user_id: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;

    const NOW: i64 = 1_795_000_000_000;

    fn sn(text: &str) -> Serial {
        Serial::parse(text).unwrap()
    }

    fn uuid(counter: u64) -> Uuid {
        Uuid::from_counter(counter).unwrap()
    }

    fn registration(name: &str, state: State, own: u64) -> Registration {
        Registration {
            state,
            uuid: Some(uuid(own)),
            version: NOW - 5,
            ..unknown_tcu(sn(name))
        }
    }

    #[test]
    fn the_newcomer_is_who_does_not_own_the_uuid() {
        let shared = Shared {
            uuid: uuid(1),
            before: sn("A"),
            now: sn("B"),
            model: String::new(),
        };
        for (owner, newcomer) in [(Some("A"), "B"), (Some("B"), "A"), (Some("C"), "B"), (None, "B")] {
            let owners: Vec<_> = owner
                .map(|owner| registration(owner, State::InService, 1))
                .into_iter()
                .collect();
            assert_eq!(shared.newcomer(&owners), sn(newcomer));
        }
    }

    #[test]
    fn a_tcu_that_has_a_uuid_is_told_it_and_others_get_one() {
        let plan = |known| plan(known, &sn("B"), uuid(1), NOW);
        let own = registration("B", State::Registered, 2);
        assert_eq!(plan(Some(own.clone())), Plan::Remind(uuid(2)));
        let told = Registration {
            reason: format!("{REASON}：x"),
            ..own
        };
        assert_eq!(plan(Some(told.clone())), Plan::Wait);
        let long_ago = Registration {
            version: NOW - ONCE_IN_MS,
            ..told
        };
        assert_eq!(plan(Some(long_ago)), Plan::Remind(uuid(2)));
        assert_eq!(plan(None), Plan::Give(Box::new(unknown_tcu(sn("B")))));
        for state in [State::Pending, State::Released] {
            assert!(
                matches!(plan(Some(registration("B", state, 1))), Plan::Give(_)),
                "{state}"
            );
        }
        for state in [State::Refused, State::Disabled, State::Retired] {
            assert_eq!(plan(Some(registration("B", state, 2))), Plan::Leave, "{state}");
        }
        assert_eq!(
            plan(Some(registration("B", State::InService, 1))),
            Plan::Leave,
            "its own"
        );
    }
}
