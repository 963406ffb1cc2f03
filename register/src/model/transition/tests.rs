//! The whole table of states and operations.

use super::*;
use crate::model::generate_password;

const NOW: i64 = 1_795_000_000_000;

fn uuid(counter: u64) -> Uuid {
    Uuid::from_counter(counter).unwrap()
}

fn decision() -> Decision<'static> {
    Decision {
        now: NOW,
        by: "wang",
        reason: "test",
    }
}

fn registration(state: State) -> Registration {
    Registration {
        version: 7,
        uuid: Some(uuid(1)),
        former_uuid: Some(uuid(9)),
        state,
        device_id: 42,
        username: uuid(9).to_string(),
        credential: Some(Credential::of(&generate_password())),
        credential_time: 5,
        login_time: 6,
        ..unknown_tcu(Serial::parse("SN1").unwrap())
    }
}

fn changes() -> Vec<Change> {
    vec![
        Change::Approve(uuid(2), Credential::of(&generate_password())),
        Change::Refuse,
        Change::ChangeUuid(uuid(2)),
        Change::Disable,
        Change::Enable,
        Change::Retire,
        Change::Release,
        Change::SwapIn {
            device_id: 43,
            fresh: Some(uuid(2)),
        },
    ]
}

/// The whole table: every operation in every state.
#[test]
fn every_operation_leads_where_the_table_says() {
    use State::{Disabled, InService, Pending, Refused, Registered, Released, Retired};
    let leads = |step: Step, from: State| -> Option<State> {
        match (step, from) {
            (Step::Approve, Pending | Refused) => Some(Registered),
            (Step::Refuse, Pending) => Some(Refused),
            (Step::ChangeUuid, Registered | InService) => Some(from),
            (Step::Disable, Registered | InService) => Some(Disabled),
            (Step::Enable, Disabled) => Some(InService),
            (Step::Retire, Registered | InService | Disabled) => Some(Retired),
            (Step::Release, Registered | InService | Disabled | Refused) => Some(Released),
            (Step::SwapIn, Registered | InService) => Some(from),
            (Step::SwapIn, Pending | Released) => Some(Registered),
            _ => None,
        }
    };
    for state in State::ALL {
        for change in changes() {
            let step = change.step();
            let after = apply(&registration(state), change, &decision());
            assert_eq!(
                after.as_ref().ok().map(|a| a.state),
                leads(step, state),
                "{step:?} {state}"
            );
            if let Ok(after) = after {
                assert_eq!((after.version, after.decided_by.as_str()), (NOW, "wang"));
            }
        }
    }
}

#[test]
fn nothing_of_an_earlier_life_comes_back() {
    for (state, change) in [
        (State::InService, Change::Release),
        (State::InService, Change::Retire),
    ] {
        let after = apply(&registration(state), change, &decision()).unwrap();
        assert_eq!((after.credential, after.former_uuid), (None, None));
    }
    let released = apply(&registration(State::InService), Change::Release, &decision()).unwrap();
    assert_eq!((released.uuid, released.device_id), (None, 0));
    assert_eq!(released.username, uuid(9).to_string(), "whom the broker forgets");
    let approve = Change::Approve(uuid(2), Credential::of(&generate_password()));
    let approved = apply(&registration(State::Pending), approve, &decision()).unwrap();
    assert_eq!((approved.uuid, approved.login_time), (Some(uuid(2)), 0));
    assert_eq!(approved.username, uuid(2).to_string());
}

#[test]
fn a_changed_uuid_keeps_the_account_and_the_pile() {
    let before = registration(State::InService);
    let after = apply(&before, Change::ChangeUuid(uuid(2)), &decision()).unwrap();
    assert_eq!(
        (after.uuid, after.former_uuid, after.login_time),
        (Some(uuid(2)), before.uuid, 0)
    );
    assert_eq!(
        (after.username, after.device_id),
        (before.username, before.device_id)
    );
    assert_eq!(after.credential, before.credential);
}

#[test]
fn a_tcu_put_in_keeps_its_uuid_or_gets_one() {
    let change = |fresh| Change::SwapIn { device_id: 43, fresh };
    let known = apply(&registration(State::Registered), change(None), &decision()).unwrap();
    assert_eq!((known.uuid, known.device_id), (Some(uuid(1)), 43));
    let unknown = unknown_tcu(Serial::parse("SN2").unwrap());
    let unknown = apply(&unknown, change(Some(uuid(5))), &decision()).unwrap();
    assert_eq!((unknown.uuid, unknown.device_id), (Some(uuid(5)), 43));
    assert_eq!(unknown.credential, None, "it is given a password when it asks");
}

#[test]
fn a_clock_that_went_back_hides_nothing() {
    assert_eq!(next_version(NOW + 5, NOW), NOW + 6);
    assert_eq!(next_version(0, NOW), NOW);
}
