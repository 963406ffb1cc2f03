//! Who may ask: the holder of the token, for the person named in `X-Operator`. A service that asks for people who have
//! signed in there says who they are and from where they come, too: it is that which `operation_record` keeps.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

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
/// The person's id in the web server; without it the person is known by account only.
const OPERATOR_ID: &str = "x-operator-id";
/// From where the person asks; without it, from where the request comes.
const OPERATOR_ADDRESS: &str = "x-operator-address";
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
        let headers = &parts.headers;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = said::<IpAddr>(headers, "X-Operator-Address", OPERATOR_ADDRESS, Rule::Address)?
            .or(peer.map(|peer| peer.ip()));
        Ok(Self(Caller {
            account: operator(headers)?,
            address: address
                .map(|address| address.to_canonical().to_string())
                .unwrap_or_default(),
            user_id: said(headers, "X-Operator-Id", OPERATOR_ID, Rule::Id)?.unwrap_or_default(),
        }))
    }
}

/// What a header says, if it is there.
fn said<T: FromStr>(
    headers: &HeaderMap,
    shown: &str,
    name: &str,
    otherwise: Rule,
) -> Result<Option<T>, ApiError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let value = value.to_str().ok().and_then(|value| value.trim().parse().ok());
    value
        .map(Some)
        .ok_or_else(|| ApiError::Invalid(shown.to_owned(), otherwise))
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

    #[test]
    fn who_a_service_asks_for_is_a_number_at_an_address() {
        let address = |value: &str| {
            let headers = headers(OPERATOR_ADDRESS, value);
            said::<IpAddr>(&headers, "X-Operator-Address", OPERATOR_ADDRESS, Rule::Address)
        };
        assert_eq!(address("10.1.2.3").unwrap(), Some([10, 1, 2, 3].into()));
        assert!(address("2001:db8::1").unwrap().is_some());
        assert!(address("somewhere").is_err() && address("").is_err());
        let id = |value: &str| {
            said::<u64>(
                &headers(OPERATOR_ID, value),
                "X-Operator-Id",
                OPERATOR_ID,
                Rule::Id,
            )
        };
        assert_eq!(id("20").unwrap(), Some(20));
        assert!(id("-1").is_err() && id("x").is_err());
        let nothing = said::<u64>(&HeaderMap::new(), "X-Operator-Id", OPERATOR_ID, Rule::Id);
        assert_eq!(nothing.unwrap(), None);
    }
}
