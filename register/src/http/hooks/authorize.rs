//! May this client use this topic. Only newcomers are asked about: everybody else has an ACL that ends in a refusal.
//!
//! Who has a name and is asked about all the same was let in by nobody here: EMQX opens its listeners a moment
//! before it knows whom to ask. So a name counts for nothing, except that the platform's services are left to
//! EMQX's own rules (`emqx/acl.conf`), which also look at where they come from.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::question::{self, Use};
use super::{Hooks, count};
use crate::access::{Action, Role, newcomer_may};

const HOOK: &str = "authorize";

pub(super) async fn answer(State(hooks): State<Arc<Hooks>>, body: Bytes) -> Response {
    let wanted: Use<'_> = match question::read(HOOK, &body) {
        Ok(wanted) => wanted,
        Err(malformed) => return malformed.into_response(),
    };
    let (result, json): (_, &'static [u8]) = if is_service(&wanted.username) {
        ("ignore", br#"{"result":"ignore"}"#)
    } else if !hooks.allows(&wanted) {
        ("deny", br#"{"result":"deny"}"#)
    } else if !hooks.admits(&wanted.peerhost, &wanted.clientid) {
        ("too_often", br#"{"result":"deny"}"#)
    } else {
        ("allow", br#"{"result":"allow"}"#)
    };
    count(HOOK, result);
    ([(CONTENT_TYPE, "application/json")], Bytes::from_static(json)).into_response()
}

/// Those who have rules in `emqx/acl.conf`.
fn is_service(username: &str) -> bool {
    username.parse::<Role>().is_ok_and(Role::is_service)
}

impl Hooks {
    fn allows(&self, wanted: &Use<'_>) -> bool {
        let action = match &*wanted.action {
            "publish" => Action::Publish,
            "subscribe" => Action::Subscribe,
            _ => return false,
        };
        let retain = !matches!(&*wanted.retain, "" | "false");
        wanted.username.is_empty() && newcomer_may(&self.topics, action, &wanted.topic, retain)
    }
}
