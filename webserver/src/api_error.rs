//! The one error of the API: an HTTP status and a text for people. What only operators may know is logged
//! where it happens, never sent.

use std::borrow::Cow;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{answer, language::Language};

/// How long a client should wait before it tries again what was unavailable.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Why a request was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApiError {
    /// No such path, or nothing there that the caller may see.
    #[error("not found")]
    NotFound,
    /// The path exists, for another method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Services that the request needs are away; named as in the configuration's sections.
    #[error("unavailable: {}", .0.join(", "))]
    Unavailable(Vec<&'static str>),
}

impl ApiError {
    fn code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(&self, language: Language) -> Cow<'static, str> {
        use Language::{Chinese, English};
        match (self, language) {
            (Self::NotFound, Chinese) => "不存在".into(),
            (Self::NotFound, English) => "Not found".into(),
            (Self::MethodNotAllowed, Chinese) => "不支持的请求方法".into(),
            (Self::MethodNotAllowed, English) => "Method not allowed".into(),
            (Self::Unavailable(names), Chinese) => format!("服务暂不可用：{}", names.join("、")).into(),
            (Self::Unavailable(names), English) => format!("Unavailable: {}", names.join(", ")).into(),
        }
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

/// Layer over all routes: writes the text of an `ApiError` in the language of the request.
pub(crate) async fn localize(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let mut response = answer::failure(error.code(), &error.text(language));
    if matches!(error, ApiError::Unavailable(_)) {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}
