//! The one error of the API: an HTTP status and a text for people. What only operators may know is logged
//! where it happens, never sent.

use std::borrow::Cow;

use axum::{
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use store::StoreError;

use super::{
    answer,
    language::{Language, Text},
};

/// How long a client should wait before it tries again what was unavailable, seconds.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Why a request was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApiError {
    /// 400: what was sent is no JSON, no query, no file of the wanted kind.
    #[error("malformed: {}", .0.en)]
    Malformed(Text),
    /// 401: nobody has signed in, or no longer.
    #[error("unauthorized: {}", .0.en)]
    Unauthorized(Text),
    /// 403: the caller may not do this.
    #[error("forbidden: {}", .0.en)]
    Forbidden(Text),
    /// 404: no such path, or nothing there that the caller may see.
    #[error("not found")]
    NotFound,
    /// 405: the path exists, for another method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// 409: the thing is not in a state for this, or has been changed meanwhile.
    #[error("conflict: {}", .0.en)]
    Conflict(Text),
    /// 413: too many bytes.
    #[error("too large")]
    TooLarge,
    /// 415: not the media type that is wanted.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// 422: a value that breaks a rule.
    #[error("invalid {field}: {}", .rule.en)]
    Invalid {
        /// The field as it is named on the wire.
        field: Cow<'static, str>,
        /// What it must be.
        rule: Text,
    },
    /// 429: come back after so many seconds.
    #[error("too many requests")]
    TooMany(u64),
    /// 500: a fault of ours, logged where it happened.
    #[error("internal error")]
    Internal,
    /// 500: the operation could not be recorded; nothing was changed.
    #[error("the operation could not be recorded")]
    NotRecorded,
    /// 500: the rows of a change could not be written.
    #[error("the change could not be written")]
    NotWritten,
    /// What another service refuses, in its own words, which are in the caller's language already.
    #[error("{code}: {}", .text.en)]
    Said {
        /// As it answered.
        code: StatusCode,
        /// Its words.
        text: Text,
        /// Seconds after which to ask again.
        wait: Option<u64>,
    },
    /// 503: services that the request needs are away; named as in the configuration's sections.
    #[error("unavailable: {}", .0.join(", "))]
    Unavailable(Vec<&'static str>),
}

impl ApiError {
    /// A value that breaks a rule.
    pub fn invalid(field: impl Into<Cow<'static, str>>, zh: &'static str, en: &'static str) -> Self {
        Self::Invalid {
            field: field.into(),
            rule: Text::new(zh, en),
        }
    }

    /// A state that does not allow this.
    pub fn conflict(zh: &'static str, en: &'static str) -> Self {
        Self::Conflict(Text::new(zh, en))
    }

    /// Something the caller may not do.
    pub fn forbidden(zh: &'static str, en: &'static str) -> Self {
        Self::Forbidden(Text::new(zh, en))
    }

    /// Its text, for what is told later than in an answer.
    pub(crate) fn told(self, language: Language) -> String {
        self.text().into(language).into_owned()
    }

    fn code(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal | Self::NotRecorded | Self::NotWritten => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Said { code, .. } => *code,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(self) -> Text {
        match self {
            Self::Malformed(text)
            | Self::Unauthorized(text)
            | Self::Forbidden(text)
            | Self::Conflict(text)
            | Self::Said { text, .. } => text,
            Self::NotFound => Text::new("不存在", "Not found"),
            Self::MethodNotAllowed => Text::new("不支持的请求方法", "Method not allowed"),
            Self::TooLarge => Text::new("内容过大", "Too large"),
            Self::UnsupportedMediaType => Text::new("不支持的内容类型", "Unsupported media type"),
            Self::Invalid { field, rule } => {
                Text::of(format!("{field}：{}", rule.zh), format!("{field}: {}", rule.en))
            }
            Self::TooMany(seconds) => Text::of(
                format!("请求过于频繁，请{seconds}秒后再试"),
                format!("Too many requests, try again in {seconds} s"),
            ),
            Self::Internal => Text::new("服务器内部错误", "Internal error"),
            Self::NotRecorded => Text::new("操作记录生成异常", "The operation could not be recorded"),
            Self::NotWritten => Text::new("增加操作失败", "The change could not be written"),
            Self::Unavailable(names) => Text::of(
                format!("服务暂不可用：{}", names.join("、")),
                format!("Unavailable: {}", names.join(", ")),
            ),
        }
    }
}

/// ClickHouse away is told; a query that it refuses is our fault. Either is logged with its cause.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        if error.failure() == store::Failure::Temporary {
            tracing::warn!(%error, cause, "ClickHouse does not answer");
            Self::Unavailable(vec!["clickhouse"])
        } else {
            tracing::error!(%error, cause, "ClickHouse refuses");
            Self::Internal
        }
    }
}

/// Redis away, or not able to write.
impl From<redis::RedisError> for ApiError {
    fn from(error: redis::RedisError) -> Self {
        tracing::warn!(%error, "Redis does not answer");
        Self::Unavailable(vec!["redis"])
    }
}

/// Carries the error to `localize`, which alone knows the request's language.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Layer over all routes: writes the text of an `ApiError`, and of a success, in the language of the request.
pub(crate) async fn localize(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        let success = response.extensions_mut().remove::<answer::Success>();
        return match (success, language) {
            (Some(_), Language::English) => answer::translate(response).await,
            _ => response,
        };
    };
    let code = error.code();
    let wait = match error {
        ApiError::Unavailable(_) => Some(RETRY_AFTER_SECONDS),
        ApiError::TooMany(seconds) => Some(seconds),
        ApiError::Said { wait, .. } => wait,
        _ => None,
    };
    let mut response = answer::failure(code, &error.text().into(language));
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    if code == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
