//! The envelope of every answer: `{"status":1,"msg":"成功","data":…}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A success with its data. Failures are [`crate::ApiError`].
#[derive(Debug)]
pub struct Answer<T>(pub T);

/// The wire form of a success.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// 1=成功, 0=失败 1 = success, 0 = failure
    #[schema(example = 1, maximum = 1)]
    status: u8,
    /// 给人看的说明, 成功时为"成功" A text for people, `成功` on success
    #[schema(example = "成功")]
    msg: String,
    /// 数据 The data
    data: T,
}

/// The wire form of a failure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Failure {
    /// 0=失败 0 = failure
    #[schema(example = 0, maximum = 0)]
    status: u8,
    /// 失败原因, 语言随 Accept-Language What went wrong, in the language of Accept-Language
    msg: String,
    /// 恒为0 Always 0
    #[schema(example = 0, maximum = 0)]
    data: u8,
}

/// Part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// 符合条件的总条数 How many there are in all pages
    pub total: u64,
    /// 本页内容 Those of this page
    pub items: Vec<T>,
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Json(Envelope {
            status: 1,
            msg: "成功".to_owned(),
            data: self.0,
        })
        .into_response()
    }
}

pub(crate) fn failure(code: StatusCode, msg: &str) -> Response {
    let failure = Failure {
        status: 0,
        msg: msg.to_owned(),
        data: 0,
    };
    (code, Json(failure)).into_response()
}
