//! What a request for registration leads to.

use std::fmt;

use protocol::Uuid;
use store::table::registration_allow_list::Entry;

use super::{Credential, Registration, Serial, State};
use crate::config::Unlisted;

/// Longest text of a request besides its serial number, bytes.
const LONGEST: usize = 128;

/// What a TCU asks with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// 出厂编号
    pub sn: Serial,
    /// 型号
    pub model: String,
    /// 合同号
    pub contract: String,
    /// 软件版本
    pub software_version: String,
    /// SIM卡号
    pub sim: String,
}

/// The rules by which it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// Models and contracts that need no approval.
    pub allow_list: &'a [Entry],
    /// What becomes of the others.
    pub unlisted: Unlisted,
    /// Whether one more may wait for staff.
    pub room: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It gets a fresh uuid, and a password.
    Grant,
    /// It keeps its uuid and gets another password.
    Renew(Uuid),
    /// It waits for staff.
    Hold,
    /// It gets nothing.
    Refuse(Refusal),
}

/// Why it gets nothing; what is displayed is what the TCU is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Only listed ones may register here.
    Unlisted,
    /// No more may wait.
    Full,
    /// Staff refused it, with this reason.
    Refused(String),
    /// It is out of use for now.
    Disabled,
    /// It is out of use for good.
    Retired,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted => f.write_str("型号和合同不在注册白名单"),
            Self::Full => f.write_str("待审核的注册申请过多，请稍后重试"),
            Self::Refused(reason) if reason.is_empty() => f.write_str("注册申请已被拒绝"),
            Self::Refused(reason) => write!(f, "注册申请已被拒绝：{reason}"),
            Self::Disabled => f.write_str("已停用，请联系运维人员"),
            Self::Retired => f.write_str("已退役，不能再注册"),
        }
    }
}

/// Judges a request by what is known of the TCU. Whatever people decided about it counts more than the list.
pub fn decide(request: &Request, known: Option<&Registration>, policy: &Policy<'_>) -> Verdict {
    let state = known.map(|known| known.state);
    match state {
        Some(State::Registered | State::InService) => match known.and_then(|known| known.uuid) {
            Some(uuid) => Verdict::Renew(uuid),
            None => Verdict::Grant,
        },
        Some(State::Disabled) => Verdict::Refuse(Refusal::Disabled),
        Some(State::Retired) => Verdict::Refuse(Refusal::Retired),
        Some(State::Refused) => {
            let reason = known.map(|known| known.reason.clone());
            Verdict::Refuse(Refusal::Refused(reason.unwrap_or_default()))
        }
        None | Some(State::Released | State::Pending) if is_listed(request, policy.allow_list) => {
            Verdict::Grant
        }
        Some(State::Pending) => Verdict::Hold,
        None | Some(State::Released) => match policy.unlisted {
            Unlisted::Refuse => Verdict::Refuse(Refusal::Unlisted),
            Unlisted::Hold if policy.room => Verdict::Hold,
            Unlisted::Hold => Verdict::Refuse(Refusal::Full),
        },
    }
}

/// An entry's empty column stands for anything.
fn is_listed(request: &Request, allow_list: &[Entry]) -> bool {
    let fits = |wanted: &str, said: &str| wanted.is_empty() || wanted == said;
    allow_list
        .iter()
        .any(|entry| fits(&entry.model, &request.model) && fits(&entry.contract_num, &request.contract))
}

impl Request {
    /// The first text that is longer than a registration holds.
    pub fn too_long(&self) -> Option<&'static str> {
        [
            ("型号", &self.model),
            ("合同号", &self.contract),
            ("软件版本", &self.software_version),
            ("SIM卡号", &self.sim),
        ]
        .into_iter()
        .find_map(|(name, text)| (text.len() > LONGEST).then_some(name))
    }

    /// The registration after [`Verdict::Grant`] or [`Verdict::Renew`]. The account is the uuid of this moment.
    pub fn granted(
        &self,
        known: Option<&Registration>,
        uuid: Uuid,
        credential: Credential,
        now: i64,
    ) -> Registration {
        let before = known.filter(|known| known.state.may_connect());
        let mut after = self.next(known, now);
        if let Some(before) = before {
            after.state = before.state;
            after.former_uuid = before.former_uuid;
            after.device_id = before.device_id;
            after.login_time = before.login_time;
            after.decided_by.clone_from(&before.decided_by);
            after.reason.clone_from(&before.reason);
        }
        after.uuid = Some(uuid);
        after.username = uuid.to_string();
        after.credential = Some(credential);
        after.credential_time = now;
        after
    }

    /// The registration after [`Verdict::Hold`]: nothing of an earlier life but the account's name, which says
    /// whom the broker must forget.
    pub fn held(&self, known: Option<&Registration>, now: i64) -> Registration {
        Registration {
            state: State::Pending,
            username: known.map(|known| known.username.clone()).unwrap_or_default(),
            reason: Refusal::Unlisted.to_string(),
            ..self.next(known, now)
        }
    }

    fn next(&self, known: Option<&Registration>, now: i64) -> Registration {
        Registration {
            version: known.map_or(now, |known| now.max(known.version.saturating_add(1))),
            sn: self.sn.clone(),
            uuid: None,
            former_uuid: None,
            state: State::Registered,
            model: self.model.clone(),
            contract: self.contract.clone(),
            software_version: self.software_version.clone(),
            sim: self.sim.clone(),
            device_id: 0,
            username: String::new(),
            credential: None,
            credential_time: 0,
            request_time: now,
            login_time: 0,
            decided_by: String::new(),
            reason: "型号和合同在注册白名单".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::generate_password;

    fn entry(model: &str, contract: &str) -> Entry {
        Entry {
            timestamp: 1,
            model: model.to_owned(),
            contract_num: contract.to_owned(),
            remark: String::new(),
        }
    }

    fn request(model: &str, contract: &str) -> Request {
        Request {
            sn: Serial::parse("SN1").unwrap(),
            model: model.to_owned(),
            contract: contract.to_owned(),
            software_version: "1.0.7".to_owned(),
            sim: "8986".to_owned(),
        }
    }

    fn policy(allow_list: &[Entry]) -> Policy<'_> {
        Policy {
            allow_list,
            unlisted: Unlisted::Hold,
            room: true,
        }
    }

    fn known(state: State) -> Registration {
        let uuid = Uuid::from_counter(8708);
        let bare = request("old", "old").held(None, 5);
        Registration {
            state,
            uuid,
            username: "AAAAAAAB".to_owned(),
            device_id: 7,
            login_time: 4,
            reason: "说明".to_owned(),
            ..bare
        }
    }

    #[test]
    fn the_list_names_models_and_contracts_or_any() {
        let lists = [
            (vec![], false),
            (vec![entry("M", "C")], true),
            (vec![entry("M", "")], true),
            (vec![entry("", "C")], true),
            (vec![entry("", "")], true),
            (vec![entry("M", "other"), entry("other", "C")], false),
            (vec![entry("m", "C")], false),
        ];
        for (list, listed) in lists {
            let verdict = decide(&request("M", "C"), None, &policy(&list));
            let expected = if listed { Verdict::Grant } else { Verdict::Hold };
            assert_eq!(verdict, expected, "{list:?}");
        }
    }

    #[test]
    fn each_state_has_its_verdict() {
        let everything = [entry("", "")];
        let uuid = Uuid::from_counter(8708).unwrap();
        let verdicts = [
            (State::Pending, Verdict::Grant, Verdict::Hold),
            (State::Released, Verdict::Grant, Verdict::Hold),
            (State::Registered, Verdict::Renew(uuid), Verdict::Renew(uuid)),
            (State::InService, Verdict::Renew(uuid), Verdict::Renew(uuid)),
        ];
        for (state, listed, unlisted) in verdicts {
            let known = known(state);
            assert_eq!(
                decide(&request("M", "C"), Some(&known), &policy(&everything)),
                listed
            );
            assert_eq!(decide(&request("M", "C"), Some(&known), &policy(&[])), unlisted);
        }
        for (state, told) in [
            (State::Refused, "注册申请已被拒绝：说明"),
            (State::Disabled, "已停用，请联系运维人员"),
            (State::Retired, "已退役，不能再注册"),
        ] {
            for list in [&everything[..], &[]] {
                let verdict = decide(&request("M", "C"), Some(&known(state)), &policy(list));
                let Verdict::Refuse(refusal) = verdict else {
                    panic!("{state} {verdict:?}");
                };
                assert_eq!(refusal.to_string(), told);
            }
        }
    }

    #[test]
    fn unlisted_ones_wait_while_there_is_room() {
        let full = Policy {
            room: false,
            ..policy(&[])
        };
        let refused = |refusal| Verdict::Refuse(refusal);
        assert_eq!(decide(&request("M", "C"), None, &full), refused(Refusal::Full));
        // Who waits already takes no further room.
        let waiting = known(State::Pending);
        assert_eq!(decide(&request("M", "C"), Some(&waiting), &full), Verdict::Hold);
        let closed = Policy {
            unlisted: Unlisted::Refuse,
            ..policy(&[])
        };
        assert_eq!(
            decide(&request("M", "C"), None, &closed),
            refused(Refusal::Unlisted)
        );
    }

    #[test]
    fn a_new_password_changes_no_more_than_it_must() {
        let uuid = Uuid::from_counter(8708).unwrap();
        let before = Registration {
            former_uuid: Uuid::from_counter(3),
            ..known(State::InService)
        };
        let credential = Credential::of(&generate_password());
        let after = request("M", "C").granted(Some(&before), uuid, credential.clone(), 9);
        let expected = Registration {
            version: 9,
            model: "M".to_owned(),
            contract: "C".to_owned(),
            username: uuid.to_string(),
            credential: Some(credential),
            credential_time: 9,
            request_time: 9,
            ..before
        };
        assert_eq!(after, expected);
    }

    proptest! {
        #[test]
        fn nothing_of_an_earlier_life_comes_back(
            state in prop::sample::select(&[State::Pending, State::Released][..]),
            version in 0..i64::MAX,
            now in 0..i64::MAX,
            counter in 1..1000_u64,
        ) {
            let before = Registration { version, ..known(state) };
            let uuid = Uuid::from_counter(counter).unwrap();
            let credential = Credential::of(&generate_password());
            let granted = request("M", "C").granted(Some(&before), uuid, credential, now);
            let held = request("M", "C").held(Some(&before), now);
            prop_assert_eq!((granted.uuid, granted.state), (Some(uuid), State::Registered));
            prop_assert_eq!((held.uuid, held.state), (None, State::Pending));
            prop_assert!(held.credential.is_none());
            for after in [granted, held] {
                prop_assert!(after.version > version && after.version >= now);
                prop_assert_eq!((after.former_uuid, after.device_id, after.login_time), (None, 0, 0));
            }
        }
    }
}
