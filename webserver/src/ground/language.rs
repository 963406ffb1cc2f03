//! The two languages in which the API speaks to people.

use std::borrow::Cow;

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// One text in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A text that is known when the program is written.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self {
            zh: Cow::Borrowed(zh),
            en: Cow::Borrowed(en),
        }
    }

    /// A text that is made of something.
    pub fn of(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    pub(crate) fn into(self, language: Language) -> Cow<'static, str> {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

/// The language of an answer's `msg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// The default.
    Chinese,
    /// Where the client prefers it.
    English,
}

impl Language {
    /// What the client asks for: the first of its languages that is one of ours (clients send them in
    /// order of preference, so their weights need no reading).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        wanted
            .split(',')
            .find_map(|tag| {
                let primary = tag.split([';', '-']).next().unwrap_or_default().trim();
                match primary.to_ascii_lowercase().as_str() {
                    "zh" => Some(Self::Chinese),
                    "en" => Some(Self::English),
                    _ => None,
                }
            })
            .unwrap_or(Self::Chinese)
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
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
