//! The envelope of every answer: `{"status":1,"msg":"成功","data":…}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A success with its data. Failures are [`crate::ApiError`].
#[derive(Debug)]
pub struct Answer<T>(pub T);

/// The wire form of success and failure alike.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<'a, T> {
    status: u8,
    msg: &'a str,
    data: T,
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Json(Envelope {
            status: 1,
            msg: "成功",
            data: self.0,
        })
        .into_response()
    }
}

/// The wire form of a failure: its `data` is always 0.
pub(crate) fn failure(code: StatusCode, msg: &str) -> Response {
    (
        code,
        Json(Envelope {
            status: 0,
            msg,
            data: 0,
        }),
    )
        .into_response()
}
