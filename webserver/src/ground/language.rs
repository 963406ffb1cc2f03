//! A text in the two languages in which the API speaks to people.

use std::borrow::Cow;

pub(crate) use common::language::Language;

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
