//! The token that a caller must send: `Authorization: Bearer …`.

use std::sync::Arc;

use axum::http::{HeaderMap, header::AUTHORIZATION};
use common::config::Secret;

/// A token, compared in a time that does not tell how much of it was right.
#[derive(Debug, Clone)]
pub struct Token(Arc<Secret>);

impl Token {
    /// None for an empty one: an empty token would be a door without a lock.
    pub fn new(secret: &Secret) -> Option<Self> {
        (!secret.is_empty()).then(|| Self(Arc::new(secret.clone())))
    }

    /// Whether these headers carry it.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let token = sent.and_then(|sent| match sent.split_at_checked("Bearer ".len()) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => Some(token),
            _ => None,
        });
        token.is_some_and(|token| same(token, self.0.expose().as_bytes()))
    }
}

/// Looks at every byte, whatever the first ones are; only the length shows.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |sum, (l, r)| sum | (l ^ r));
    left.len() == right.len() && std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_opens() {
        assert!(Token::new(&Secret::new("")).is_none());
        let token = Token::new(&Secret::new("s3cret")).unwrap();
        let sent = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            token.is_in(&headers)
        };
        assert!(sent("Bearer s3cret") && sent("bearer s3cret"));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer s3cre",
            "Bearer s3cret ",
            "Bearer S3cret",
            "Basic s3cret",
            "s3cret",
        ] {
            assert!(!sent(wrong), "{wrong:?}");
        }
        assert!(!token.is_in(&HeaderMap::new()));
    }
}
