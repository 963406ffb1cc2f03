//! Who may ask: the holder of the token, for the person named in `X-Operator`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use common::config::Secret;
use ring::{hmac, rand::SystemRandom};

use super::error::ApiError;
use super::rules::Rule;
use crate::operations::Caller;

const OPERATOR: &str = "x-operator";
const LONGEST_OPERATOR: usize = 64;

/// Knows the token when it sees it, in a time that does not tell how nearly.
#[derive(Clone)]
pub(super) struct Guard(Arc<Token>);

struct Token {
    /// Random for each start.
    key: hmac::Key,
    tag: hmac::Tag,
}

impl Guard {
    pub(super) fn new(token: &Secret) -> Self {
        let random = rand::random::<[u8; 32]>();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .unwrap_or_else(|_| hmac::Key::new(hmac::HMAC_SHA256, &random));
        let tag = hmac::sign(&key, token.expose().as_bytes());
        Self(Arc::new(Token { key, tag }))
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let presented = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let Some((scheme, token)) = presented.and_then(|value| value.split_at_checked(7)) else {
            return false;
        };
        let token = token.trim_ascii();
        scheme.eq_ignore_ascii_case(b"bearer ")
            && hmac::verify(&self.0.key, token, self.0.tag.as_ref()).is_ok()
    }
}

/// Layer over all routes.
pub(super) async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.admits(request.headers()) {
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
    fn only_the_token_is_admitted() {
        let guard = Guard::new(&Secret::new("right"));
        for (value, admitted) in [
            ("Bearer right", true),
            ("bearer right", true),
            ("Bearer wrong", false),
            ("Bearer rightx", false),
            ("Bearer ", false),
            ("right", false),
            ("Basic right", false),
            ("", false),
        ] {
            assert_eq!(
                guard.admits(&headers("authorization", value)),
                admitted,
                "{value}"
            );
        }
        assert!(!guard.admits(&HeaderMap::new()));
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
