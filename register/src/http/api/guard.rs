//! Who may ask: the holder of the token, for the person named in `X-Operator`.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::ApiError;
use super::rules::Rule;
use crate::http::Token;
use crate::operations::Caller;

const OPERATOR: &str = "x-operator";
const LONGEST_OPERATOR: usize = 64;

/// Layer over all routes.
pub(super) async fn admit(State(token): State<Token>, request: Request, next: Next) -> Response {
    match token.is_in(request.headers()) {
        true => next.run(request).await,
        false => ApiError::Unauthorized.into_response(),
    }
}

/// For whom the request is made.
pub(super) struct By(pub(super) Caller);

impl<S: Sync> FromRequestParts<S> for By {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(Caller {
            account: operator(&parts.headers)?,
            address: address
                .map(|a| a.ip().to_canonical().to_string())
                .unwrap_or_default(),
            user_id: 0,
        }))
    }
}

fn operator(headers: &HeaderMap) -> Result<String, ApiError> {
    let wrong = |rule| ApiError::Invalid("X-Operator".to_owned(), rule);
    let value = headers.get(OPERATOR).ok_or_else(|| wrong(Rule::Required))?;
    let name = decoded(value.as_bytes()).ok_or_else(|| wrong(Rule::Encoded))?;
    let name = name.trim();
    if name.is_empty() {
        return Err(wrong(Rule::Required));
    }
    if name.chars().count() > LONGEST_OPERATOR {
        return Err(wrong(Rule::AtMost(LONGEST_OPERATOR)));
    }
    match name.chars().any(char::is_control) {
        true => Err(wrong(Rule::Invisible)),
        false => Ok(name.to_owned()),
    }
}

/// %XX decoded; headers carry no other letters than ASCII reliably.
fn decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn the_operator_is_a_name() {
        let of = |value: &str| operator(&headers(OPERATOR, value)).ok();
        assert_eq!(of("%E7%8E%8B%E5%B7%A5").as_deref(), Some("王工"));
        assert_eq!(of(" wang ").as_deref(), Some("wang"));
        for bad in ["", "%", "%E7", "%zz", "%0A", "%FF", &"a".repeat(65)] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert!(operator(&HeaderMap::new()).is_err());
    }
}
