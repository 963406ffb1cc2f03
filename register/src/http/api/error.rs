//! Every way in which a request is not done: an HTTP status and a text for people. What only operators may know is
//! logged, never sent.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer;
use super::rules::Rule;
use crate::operations::OperationError;
use common::language::Language;

/// How long a client should wait before it asks again for what is away.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Why a request was not done.
#[derive(Debug, Clone)]
pub(super) enum ApiError {
    /// No such path.
    NotFound,
    /// The path exists, for another method.
    MethodNotAllowed,
    /// No token, or a wrong one.
    Unauthorized,
    /// The body is too long.
    TooLarge,
    /// The body is not announced as JSON.
    NotJson,
    /// The body is no JSON object.
    Malformed,
    /// A value that breaks a rule.
    Invalid(String, Rule),
    /// The operation was not done.
    Operation(Arc<OperationError>),
    /// A fault of this program.
    Internal,
}

impl ApiError {
    fn code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Operation(error) => match &**error {
                OperationError::Unknown(_) => StatusCode::NOT_FOUND,
                OperationError::Illegal(_) | OperationError::Conflict(_) => StatusCode::CONFLICT,
                OperationError::Record(_) | OperationError::Ledger(_) => match error.dependency() {
                    Some(_) => StatusCode::SERVICE_UNAVAILABLE,
                    None => StatusCode::INTERNAL_SERVER_ERROR,
                },
            },
        }
    }

    fn text(&self, language: Language) -> String {
        let (chinese, english) = match self {
            Self::NotFound => ("不存在", "Not found"),
            Self::MethodNotAllowed => ("不支持的请求方法", "Method not allowed"),
            Self::Unauthorized => ("未提供令牌或令牌不正确", "No token, or a wrong one"),
            Self::TooLarge => ("请求内容超过64KiB", "The body is above 64 KiB"),
            Self::NotJson => (
                "请求内容必须是application/json",
                "The body must be application/json",
            ),
            Self::Malformed => ("请求内容不是JSON对象", "The body is no JSON object"),
            Self::Internal => ("内部错误", "Internal error"),
            Self::Invalid(field, rule) => return rule.about(field, language),
            Self::Operation(error) => {
                return match language {
                    Language::Chinese => error.to_string(),
                    Language::English => error.english(),
                };
            }
        };
        language.choose(chinese, english).to_owned()
    }

    fn log(&self) {
        match self {
            Self::Operation(error) if self.code().is_server_error() => {
                let mut cause = std::error::Error::source(&**error);
                let mut chain = Vec::new();
                while let Some(source) = cause {
                    chain.push(source.to_string());
                    cause = source.source();
                }
                tracing::warn!(%error, cause = chain.join(": "), "an operation was not done");
            }
            Self::Internal => tracing::error!("an operation ended without an answer"),
            _ => {}
        }
    }
}

impl From<OperationError> for ApiError {
    fn from(error: OperationError) -> Self {
        Self::Operation(Arc::new(error))
    }
}

/// Carries the error to `localize`, which knows the request's language.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The error in a language.
pub(super) fn written(error: &ApiError, language: Language) -> Response {
    error.log();
    let code = error.code();
    let mut response = answer::failure(code, &error.text(language));
    match code {
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        StatusCode::UNAUTHORIZED => {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        }
        _ => {}
    }
    response
}

/// Layer over all routes: writes the text of an [`ApiError`] in the language of the request.
pub(super) async fn localize(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => written(&error, language),
        None => response,
    }
}
