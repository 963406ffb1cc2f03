use protocol::Password;

use super::*;

const SECRET: &str = "secret";

fn uuid(text: &str) -> Uuid {
    Uuid::parse(text).unwrap()
}

fn row(version: i64, sn: &str, uuid: &str, state: State) -> registration::Stored {
    registration::Stored {
        timestamp: version,
        sn: sn.to_owned(),
        uuid: uuid.to_owned(),
        former_uuid: String::new(),
        state: state.to_string(),
        model: String::new(),
        contract_num: String::new(),
        software_version: String::new(),
        sim: String::new(),
        device_id: 0,
        username: uuid.to_owned(),
        credential: Credential::of(&Password::new(SECRET)).to_string(),
        credential_time: version,
        request_time: version,
        login_time: 0,
        decided_by: String::new(),
        reason: String::new(),
    }
}

fn account(version: i64, flag_del: u8, role: &str) -> broker_account::Stored {
    broker_account::Stored {
        timestamp: version,
        flag_del,
        username: "wang".to_owned(),
        role: role.to_owned(),
        credential: Credential::of(&Password::new(SECRET)).to_string(),
        remark: String::new(),
    }
}

fn tables(rows: impl IntoIterator<Item = registration::Stored>) -> Tables {
    let mut tables = Tables::new();
    rows.into_iter()
        .for_each(|row| tables.take_registration(row).unwrap());
    tables
}

fn pile(name: &str) -> Judgement {
    let (uuid, former) = (uuid(name), None);
    Judgement::Known(Identity::Pile { uuid, former })
}

#[test]
fn only_registered_and_in_service_come_in() {
    for state in State::ALL {
        let tables = tables([row(1, "SN1", "AAAAAAAB", state)]);
        let expected = match state {
            State::Registered | State::InService => pile("AAAAAAAB"),
            _ => Judgement::ShutOut,
        };
        assert_eq!(tables.judge("AAAAAAAB", SECRET), expected, "{state}");
        assert_eq!(
            tables.judge_open(uuid("AAAAAAAB")),
            match expected {
                Judgement::Known(_) => Judgement::ShutOut, // it has shown its password above
                other => other,
            }
        );
    }
}

#[test]
fn strangers_and_wrong_passwords_are_told_apart() {
    let mut without = row(1, "SN2", "AAAAAAAC", State::Registered);
    without.credential = String::new();
    let tables = tables([row(1, "SN1", "AAAAAAAB", State::InService), without]);
    assert_eq!(tables.judge("AAAAAAAB", "guess"), Judgement::Wrong);
    assert_eq!(tables.judge("AAAAAAAB", ""), Judgement::Wrong);
    assert_eq!(tables.judge("AAAAAAAC", SECRET), Judgement::Wrong);
    for stranger in ["AAAAAAAD", "aaaaaaab", "", "AAAAAAAB "] {
        assert_eq!(tables.judge(stranger, SECRET), Judgement::Unknown, "{stranger}");
    }
}

#[test]
fn versions_count_in_whatever_order_they_come() {
    let old = row(1, "SN1", "AAAAAAAB", State::InService);
    let disabled = row(2, "SN1", "AAAAAAAB", State::Disabled);
    for rows in [[old.clone(), disabled.clone()], [disabled, old]] {
        assert_eq!(tables(rows).judge("AAAAAAAB", SECRET), Judgement::ShutOut);
    }
}

#[test]
fn an_account_that_was_given_up_is_forgotten() {
    let released = row(2, "SN1", "AAAAAAAB", State::Released);
    let anew = row(3, "SN1", "AAAAAAAC", State::Registered);
    let tables = tables([row(1, "SN1", "AAAAAAAB", State::InService), released, anew]);
    assert_eq!(tables.judge("AAAAAAAB", SECRET), Judgement::Unknown);
    assert_eq!(tables.judge_open(uuid("AAAAAAAB")), Judgement::Unknown);
    assert_eq!(tables.judge("AAAAAAAC", SECRET), pile("AAAAAAAC"));
}

#[test]
fn a_changed_uuid_comes_in_with_the_old_account_and_may_use_both() {
    let mut changed = row(2, "SN1", "AAAAAAAC", State::InService);
    changed.username = "AAAAAAAB".to_owned();
    changed.former_uuid = "AAAAAAAB".to_owned();
    let tables = tables([row(1, "SN1", "AAAAAAAB", State::InService), changed]);
    let both = Judgement::Known(Identity::Pile {
        uuid: uuid("AAAAAAAC"),
        former: Some(uuid("AAAAAAAB")),
    });
    assert_eq!(tables.judge_open(uuid("AAAAAAAB")), both);
    assert_eq!(tables.judge_open(uuid("AAAAAAAC")), both);
    assert_eq!(tables.judge("AAAAAAAB", SECRET), both);
    assert_eq!(tables.judge("AAAAAAAC", SECRET), Judgement::Unknown);
    // Behind one name as behind the other.
    assert_eq!(tables.judge_open(uuid("AAAAAAAB")), Judgement::ShutOut);
    assert_eq!(tables.judge_open(uuid("AAAAAAAC")), Judgement::ShutOut);
}

#[test]
fn the_open_door_closes_behind_a_password_and_stays_closed() {
    let mut tables = tables([row(1, "SN1", "AAAAAAAB", State::Registered)]);
    tables.take_asset("AAAAAAAC");
    tables.take_asset("no uuid");
    assert_eq!(tables.judge_open(uuid("AAAAAAAB")), pile("AAAAAAAB"));
    assert_eq!(tables.judge_open(uuid("AAAAAAAC")), pile("AAAAAAAC"));
    assert_eq!(tables.judge_open(uuid("AAAAAAAD")), Judgement::Unknown);
    assert_eq!(tables.judge("AAAAAAAB", "guess"), Judgement::Wrong);
    assert_eq!(
        tables.judge_open(uuid("AAAAAAAB")),
        pile("AAAAAAAB"),
        "a guess closes nothing"
    );
    assert_eq!(tables.judge("AAAAAAAB", SECRET), pile("AAAAAAAB"));
    tables
        .take_registration(row(2, "SN1", "AAAAAAAB", State::InService))
        .unwrap();
    assert_eq!(tables.judge_open(uuid("AAAAAAAB")), Judgement::ShutOut);
    // An asset of that name does not open it again.
    tables.take_asset("AAAAAAAB");
    assert_eq!(tables.judge_open(uuid("AAAAAAAB")), Judgement::ShutOut);
}

#[test]
fn a_row_that_cannot_be_read_keeps_its_tcu_out_and_is_told_once() {
    let mut broken = row(2, "SN1", "AAAAAAAB", State::InService);
    broken.state = "未来".to_owned();
    let mut tables = tables([row(1, "SN1", "AAAAAAAB", State::InService)]);
    assert!(tables.take_registration(broken.clone()).is_err());
    assert!(tables.take_registration(broken).is_ok());
    assert_eq!(tables.judge("AAAAAAAB", SECRET), Judgement::Unknown);
    tables
        .take_registration(row(3, "SN1", "AAAAAAAB", State::InService))
        .unwrap();
    assert_eq!(tables.judge("AAAAAAAB", SECRET), pile("AAAAAAAB"));
}

#[test]
fn accounts_have_roles_until_they_are_deleted() {
    let mut tables = Tables::new();
    tables.take_account(account(1, 0, "staff")).unwrap();
    let staff = Judgement::Known(Identity::Account(Role::Staff));
    assert_eq!(tables.judge("wang", SECRET), staff);
    assert_eq!(tables.judge("wang", "guess"), Judgement::Wrong);
    tables.take_account(account(2, 1, "staff")).unwrap();
    tables.take_account(account(1, 0, "staff")).unwrap();
    assert_eq!(tables.judge("wang", SECRET), Judgement::ShutOut);
    assert!(tables.take_account(account(3, 0, "god")).is_err());
    assert_eq!(tables.judge("wang", SECRET), Judgement::ShutOut);
    tables.take_account(account(4, 0, "operator")).unwrap();
    let operator = Judgement::Known(Identity::Account(Role::Operator));
    assert_eq!(tables.judge("wang", SECRET), operator);
}
