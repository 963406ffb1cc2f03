//! The two languages in which the platform's interfaces speak to people.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// The language of an answer's `msg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The default.
    Chinese,
    /// Where the client prefers it.
    English,
}

impl Language {
    /// The first of the client's languages that is one of ours; clients send them in the order of preference.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let known = |tag: &str| {
            let primary = tag.split([';', '-']).next().unwrap_or_default().trim();
            match primary.to_ascii_lowercase().as_str() {
                "zh" => Some(Self::Chinese),
                "en" => Some(Self::English),
                _ => None,
            }
        };
        wanted.split(',').find_map(known).unwrap_or(Self::Chinese)
    }

    /// One of two texts.
    pub fn choose<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins_and_chinese_is_the_default() {
        let of = |text: &str| Language::of(&HeaderMap::from_iter([(ACCEPT_LANGUAGE, text.parse().unwrap())]));
        assert_eq!(of("en-GB,en;q=0.9,zh;q=0.8"), Language::English);
        assert_eq!(of("fr, zh-CN;q=0.9, en;q=0.8"), Language::Chinese);
        assert_eq!(of("fr;q=1"), Language::Chinese);
        assert_eq!(Language::of(&HeaderMap::new()), Language::Chinese);
    }
}
