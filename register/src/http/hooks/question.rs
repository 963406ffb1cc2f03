//! What EMQX sends: one JSON object of strings, an undefined one empty. Keys beyond those needed are passed over.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Who connects.
#[derive(Deserialize)]
pub(super) struct Connect<'a> {
    #[serde(borrow)]
    pub(super) clientid: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) username: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) password: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) peerhost: Cow<'a, str>,
}

/// Who wants to use which topic. For a shared subscription it comes without `$share/group/`.
#[derive(Deserialize)]
pub(super) struct Use<'a> {
    #[serde(borrow)]
    pub(super) clientid: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) username: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) peerhost: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) action: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) topic: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) retain: Cow<'a, str>,
}

/// Reads a question.
///
/// # Errors
/// 400 with what is wrong and where; never what the client sent, for it may be a password.
pub(super) fn read<'a, T: Deserialize<'a>>(hook: &'static str, body: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(body).map_err(|error| {
        super::count(hook, "malformed");
        let what = match error.classify() {
            serde_json::error::Category::Data => "a string is missing, or something is no string",
            _ => "this is no JSON in UTF-8",
        };
        let text = format!(
            "the question cannot be read: {what} (line {}, column {})\n",
            error.line(),
            error.column()
        );
        Malformed(text)
    })
}

/// What is wrong with a question.
pub(super) struct Malformed(String);

impl IntoResponse for Malformed {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0).into_response()
    }
}
