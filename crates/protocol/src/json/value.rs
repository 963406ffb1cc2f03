//! One value of an object, read but not yet understood.

use std::borrow::Cow;

/// A JSON value: strings unescaped, everything else as it stands in the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A string; `raw` are its bytes on the wire when it had to be transcoded.
    Text {
        text: Cow<'a, str>,
        raw: Option<&'a [u8]>,
    },
    /// A number, `true`, `false`, or a bare word such as C's `nan`.
    Bare(&'a str),
    /// `null`
    Null,
    /// An array or object, whole.
    Composite(&'a str),
}

impl<'a> Value<'a> {
    /// The value as it can be shown or kept: a string's text, otherwise the JSON text.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Text { text, .. } => text,
            Self::Bare(text) | Self::Composite(text) => Cow::Borrowed(text),
            Self::Null => Cow::Borrowed("null"),
        }
    }

    /// The text of a string, number or word without surrounding blanks; `None` for the rest and when empty.
    #[inline]
    pub(crate) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(trim(text)).filter(|text| !text.is_empty()),
            Self::Bare(text) => Some(text),
            Self::Null | Self::Composite(_) => None,
        }
    }

    /// The same, borrowed from the payload where it can be.
    #[inline]
    pub(crate) fn scalar_cow(&self) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::Text {
                text: Cow::Borrowed(text),
                ..
            } => trim(text),
            Self::Text {
                text: Cow::Owned(text),
                ..
            } => return owned(trim(text)),
            Self::Bare(text) => text,
            Self::Null | Self::Composite(_) => "",
        };
        (!text.is_empty()).then_some(Cow::Borrowed(text))
    }
}

#[cold]
fn owned<'a>(text: &str) -> Option<Cow<'a, str>> {
    (!text.is_empty()).then(|| Cow::Owned(text.to_owned()))
}

/// Without the spaces and NULs that fixed-length fields are padded with.
#[inline]
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if *first > b' ' && *last > b' ' => text,
        _ => text.trim_matches(|c: char| c <= ' '),
    }
}
