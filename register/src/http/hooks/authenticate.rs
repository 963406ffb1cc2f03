//! May this client connect, and what may it do then.

use std::net::IpAddr;
use std::sync::Arc;

use ahash::HashMap;
use axum::extract::State;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use protocol::{Uuid, topic::Topics};
use serde::Serialize;

use super::question::{self, Connect};
use super::{Hooks, count};
use crate::access::{self, Role, Rule};
use crate::directory::{Identity, Verdict};
use crate::ledger::now;
use crate::watch::Sighting;

const HOOK: &str = "authenticate";
const DENY: &[u8] = br#"{"result":"deny"}"#;
/// A newcomer comes without an ACL: each of its few topics is asked for, so that none has to be a pattern.
const NEWCOMER: &[u8] = br#"{"result":"allow","is_superuser":false}"#;

#[derive(Serialize)]
struct Allow<A> {
    result: &'static str,
    is_superuser: bool,
    acl: A,
}

/// Answers that are the same for everybody with that role.
pub(super) struct Answers(HashMap<Role, Bytes>);

impl Answers {
    pub(super) fn new(topics: &Topics) -> Self {
        let of = |role: Role| (role, allow(&role.rules(topics)));
        Self(Role::ALL.into_iter().map(of).collect())
    }
}

fn allow(rules: &[Rule]) -> Bytes {
    let answer = Allow {
        result: "allow",
        is_superuser: false,
        acl: access::acl(rules),
    };
    let mut json = Vec::with_capacity(640);
    serde_json::to_writer(&mut json, &answer).expect("strings always become JSON");
    json.into()
}

/// What is answered, and how it is counted.
enum Said {
    Pile(Uuid, Bytes),
    Account(Bytes),
    Newcomer,
    Open(Uuid, Bytes),
    Denied,
    Unavailable,
}

pub(super) async fn answer(State(hooks): State<Arc<Hooks>>, body: Bytes) -> Response {
    let connect: Connect<'_> = match question::read(HOOK, &body) {
        Ok(connect) => connect,
        Err(malformed) => return malformed.into_response(),
    };
    let (result, json) = match hooks.decide(&connect).await {
        Said::Pile(uuid, json) => {
            hooks.saw(uuid, &connect.peerhost);
            ("allow", json)
        }
        Said::Account(json) => ("account", json),
        Said::Newcomer => ("newcomer", Bytes::from_static(NEWCOMER)),
        Said::Open(uuid, json) => {
            hooks.saw(uuid, &connect.peerhost);
            ("open", json)
        }
        Said::Denied => ("deny", Bytes::from_static(DENY)),
        Said::Unavailable => {
            count(HOOK, "unavailable");
            let text = "who this is cannot be known now; ask again\n";
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    };
    count(HOOK, result);
    ([(CONTENT_TYPE, "application/json")], json).into_response()
}

impl Hooks {
    async fn decide(&self, connect: &Connect<'_>) -> Said {
        if !connect.password.is_empty() {
            // A password without a name is nobody's.
            if connect.username.is_empty() {
                return Said::Denied;
            }
            return self.with_password(connect).await;
        }
        if let Some(said) = self.through_open_door(connect).await {
            return said;
        }
        match connect.username.is_empty() {
            true => Said::Newcomer,
            false => Said::Denied,
        }
    }

    async fn with_password(&self, connect: &Connect<'_>) -> Said {
        let verdict = self.directory.authenticate(&connect.username, &connect.password);
        match verdict.await {
            Verdict::Allowed(Identity::Pile { uuid, former }) => {
                Said::Pile(uuid, allow(&access::pile(&self.topics, uuid, former)))
            }
            // Every role has its answer.
            Verdict::Allowed(Identity::Account(role)) => self
                .answers
                .0
                .get(&role)
                .map_or(Said::Denied, |json| Said::Account(json.clone())),
            Verdict::Denied => Said::Denied,
            Verdict::Unavailable => Said::Unavailable,
        }
    }

    /// None: it does not come in that way; it may still come as a newcomer.
    async fn through_open_door(&self, connect: &Connect<'_>) -> Option<Said> {
        let door = self.open.as_ref()?;
        let uuid = door.uuid_of(&connect.username, &connect.clientid)?;
        match self.directory.let_in_open(uuid).await {
            Verdict::Allowed(Identity::Pile { uuid, former }) => {
                door.count(uuid, &connect.clientid, &connect.peerhost, now());
                // It may also ask for the credentials that will close the door behind it.
                let mut rules = access::newcomer(&self.topics);
                rules.extend(access::pile(&self.topics, uuid, former));
                Some(Said::Open(uuid, allow(&rules)))
            }
            Verdict::Allowed(Identity::Account(_)) | Verdict::Denied => None,
            Verdict::Unavailable => Some(Said::Unavailable),
        }
    }

    /// Never waits: who watches for two TCUs under one uuid may miss one sight of them.
    fn saw(&self, uuid: Uuid, peerhost: &str) {
        let Some(sightings) = &self.sightings else { return };
        let Ok(address) = peerhost.parse::<IpAddr>() else {
            return;
        };
        if sightings
            .try_send(Sighting::address(uuid, address, now()))
            .is_err()
        {
            metrics::counter!("register_hook_missed_sightings_total").increment(1);
        }
    }
}
