//! The place in the payload: objects are walked key by key, arrays element by element.

use std::borrow::Cow;

use super::skip::{end_of_string, skip_composite};
use super::unescape::unescape;
use super::{RawToken, Value, find_quote_or_backslash};
use crate::{Malformed, MalformedReason as Reason};

/// A position in the text of a frame. Every method leaves it after what it has read.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    tokens: &'a [RawToken<'a>],
    shortcuts: bool,
}

impl<'a> Cursor<'a> {
    /// At the start of `text`. `shortcuts` allows the readers that expect the usual order of keys.
    pub(crate) fn new(text: &'a str, tokens: &'a [RawToken<'a>], shortcuts: bool) -> Self {
        Self {
            text,
            at: 0,
            tokens,
            shortcuts,
        }
    }

    pub(crate) fn shortcuts(&self) -> bool {
        self.shortcuts
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(crate) fn error(&self, reason: Reason, detail: &'static str) -> Malformed {
        Malformed::new(reason, self.at, detail)
    }

    /// The next byte that is not white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes().get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// Passes over exactly this text, or stays.
    #[inline]
    pub(crate) fn eat(&mut self, expected: &str) -> bool {
        let found = self.bytes()[self.at..].starts_with(expected.as_bytes());
        if found {
            self.at += expected.len();
        }
        found
    }

    /// Enters the object or array that opens with `bracket`.
    pub(crate) fn open(&mut self, bracket: u8) -> bool {
        let found = self.peek() == Some(bracket);
        self.at += usize::from(found);
        found
    }

    /// The next key of the object, standing at its value then; `None` after the closing brace.
    /// Commas too many are passed over; one too few is an error.
    #[inline]
    pub(crate) fn key(&mut self, first: bool) -> Result<Option<Cow<'a, str>>, Malformed> {
        if !self.separator(first, b'}')? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key was expected"));
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.unexpected("a colon was expected"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// True when the array has another element, at which it then stands; false after its end.
    #[inline]
    pub(crate) fn element(&mut self, first: bool) -> Result<bool, Malformed> {
        self.separator(first, b']')
    }

    #[inline]
    fn separator(&mut self, first: bool, end: u8) -> Result<bool, Malformed> {
        let mut separated = first;
        loop {
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    separated = true;
                }
                Some(byte) if byte == end => {
                    self.at += 1;
                    return Ok(false);
                }
                Some(_) if separated => return Ok(true),
                _ => return Err(self.unexpected("a comma or a closing bracket was expected")),
            }
        }
    }

    /// The string that begins here.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.at += 1;
        self.rest_of_string()
    }

    /// The string whose opening quote has been passed.
    #[inline(always)]
    pub(crate) fn rest_of_string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let start = self.at;
        match find_quote_or_backslash(self.bytes(), start) {
            Some(end) if self.bytes()[end] == b'"' => {
                self.at = end + 1;
                Ok(Cow::Borrowed(&self.text[start..end]))
            }
            _ => self.escaped_string(start),
        }
    }

    /// The same where it has no escapes; `None`, and a place of no use, where it has.
    #[inline(always)]
    pub(crate) fn plain_string(&mut self) -> Option<&'a str> {
        let start = self.at;
        let end = find_quote_or_backslash(self.bytes(), start)?;
        self.at = end + 1;
        (self.bytes()[end] == b'"').then(|| &self.text[start..end])
    }

    #[cold]
    fn escaped_string(&mut self, start: usize) -> Result<Cow<'a, str>, Malformed> {
        let end = end_of_string(self.bytes(), start)?;
        self.at = end + 1;
        Ok(Cow::Owned(unescape(&self.text[start..end])))
    }

    /// The value that begins here, whatever it is.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<Value<'a>, Malformed> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at + 1;
                let text = self.string()?;
                Ok(Value::Text {
                    text,
                    raw: self.raw_at(start),
                })
            }
            Some(b'{' | b'[') => {
                let start = self.at;
                self.at = skip_composite(self.bytes(), start)?;
                Ok(Value::Composite(&self.text[start..self.at]))
            }
            _ => self.bare(),
        }
    }

    fn bare(&mut self) -> Result<Value<'a>, Malformed> {
        let start = self.at;
        let length = self.bytes()[start..]
            .iter()
            .take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b'#')
            })
            .count();
        if length == 0 {
            return Err(self.unexpected("a value was expected"));
        }
        self.at += length;
        Ok(match &self.text[start..self.at] {
            "null" => Value::Null,
            word => Value::Bare(word),
        })
    }

    fn raw_at(&self, start: usize) -> Option<&'a [u8]> {
        let found = self.tokens.binary_search_by_key(&start, |token| token.at).ok()?;
        Some(self.tokens[found].raw)
    }

    /// What a C string leaves after the object: white space, or a NUL and whatever the buffer held before.
    pub(crate) fn end(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            None | Some(0) => Ok(()),
            Some(_) => Err(self.error(Reason::Trailing, "something follows the object")),
        }
    }

    #[cold]
    fn unexpected(&mut self, detail: &'static str) -> Malformed {
        match self.peek() {
            None | Some(0) => self.error(Reason::Truncated, "the payload ends inside the object"),
            Some(_) => self.error(Reason::Syntax, detail),
        }
    }
}
