//! The envelope of every answer: `{"status":1,"msg":"成功","data":…}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use common::language::Language;

#[derive(Serialize)]
struct Envelope<'a, T> {
    status: u8,
    msg: &'a str,
    data: T,
}

/// A page of a list.
#[derive(Serialize)]
pub(super) struct List<T> {
    total: u64,
    items: Vec<T>,
}

impl<T> From<(u64, Vec<T>)> for List<T> {
    fn from((total, items): (u64, Vec<T>)) -> Self {
        Self { total, items }
    }
}

/// A success with its data.
pub(super) fn success<T: Serialize>(data: T, language: Language) -> Response {
    let msg = language.choose("成功", "OK");
    Json(Envelope { status: 1, msg, data }).into_response()
}

/// A failure: its `data` is always 0.
pub(super) fn failure(code: StatusCode, msg: &str) -> Response {
    let envelope = Envelope {
        status: 0,
        msg,
        data: 0,
    };
    (code, Json(envelope)).into_response()
}
