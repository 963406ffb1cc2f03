//! The envelope of every answer: `{"status":1,"msg":"成功","data":…}`.

use axum::{
    Json,
    body::{Body, Bytes},
    http::{StatusCode, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt as _;
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
    /// 给人看的说明, 成功时为"成功", 语言随 Accept-Language A text for people in the language of Accept-Language
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

/// Marks a response as an envelope with `成功`, for [`translate`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Success;

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let envelope = Envelope {
            status: 1,
            msg: "成功".to_owned(),
            data: self.0,
        };
        let mut response = Json(envelope).into_response();
        response.extensions_mut().insert(Success);
        response
    }
}

/// The same envelope with `Success` in place of `成功`.
pub(crate) async fn translate(response: Response) -> Response {
    const CHINESE: &[u8] = "{\"status\":1,\"msg\":\"成功\"".as_bytes();
    const ENGLISH: &[u8] = b"{\"status\":1,\"msg\":\"Success\"";
    let (mut parts, body) = response.into_parts();
    // It is in memory already: `Json` has made it whole.
    let whole = match body.collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let body = match whole.strip_prefix(CHINESE) {
        Some(rest) => [ENGLISH, rest].concat().into(),
        None => whole,
    };
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

pub(crate) fn failure(code: StatusCode, msg: &str) -> Response {
    let failure = Failure {
        status: 0,
        msg: msg.to_owned(),
        data: 0,
    };
    (code, Json(failure)).into_response()
}
