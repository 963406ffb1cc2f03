//! Where in the JSON a string stands, and with that what must follow its closing quote. Raw bytes in a
//! string may be quotes, so a quote alone does not end it.

use crate::json::find_quote_or_backslash;

/// What comes after a key or value is looked at for so many bytes; keys are shorter than this.
const LOOK_AHEAD: usize = 128;

/// What the string is that begins next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Key,
    /// The value of `命令`, which is never guessed at.
    Command,
    Member,
    Element,
}

/// The brackets that are open; the innermost 128, more than the reader goes into.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// 1 is an object, the innermost lowest.
    brackets: u128,
    after_colon: bool,
    after_command: bool,
}

impl Context {
    /// Takes note of a byte between strings.
    pub(super) fn pass(&mut self, byte: u8) {
        match byte {
            b'{' => self.brackets = self.brackets << 1 | 1,
            b'[' => self.brackets <<= 1,
            b'}' | b']' => self.brackets >>= 1,
            _ => {}
        }
        match byte {
            b':' => self.after_colon = true,
            b',' | b'{' | b'[' | b'}' | b']' => self.after_colon = false,
            _ => {}
        }
    }

    /// Takes note of a key.
    pub(super) fn pass_key(&mut self, key: &str) {
        self.after_command = key == "命令";
    }

    pub(super) fn role(&self) -> Role {
        match (self.brackets & 1, self.after_colon) {
            (1, false) => Role::Key,
            (1, true) if self.after_command => Role::Command,
            (1, true) => Role::Member,
            _ => Role::Element,
        }
    }
}

/// True when `after`, the bytes behind a quote, go on as JSON does behind a string in this role, as far as
/// that is looked at.
pub(super) fn may_follow(role: Role, after: &[u8]) -> bool {
    let window = Window {
        bytes: &after[..after.len().min(LOOK_AHEAD)],
        cut: after.len() > LOOK_AHEAD,
    };
    let Some((first, rest)) = window.next() else {
        return window.cut || role != Role::Key;
    };
    match (role, first) {
        (Role::Key, b':') => true,
        (Role::Key, _) => false,
        (Role::Member | Role::Command, b',') => rest.begins_with_key(),
        (Role::Member | Role::Command, b'}') | (Role::Element, b']') => rest.ends_or_goes_on(),
        (Role::Element, b',') => true,
        _ => false,
    }
}

/// The bytes that are looked at; what lies beyond a cut may be anything.
#[derive(Clone, Copy)]
struct Window<'a> {
    bytes: &'a [u8],
    cut: bool,
}

impl<'a> Window<'a> {
    /// The next byte that is not white space, and what is behind it.
    fn next(self) -> Option<(u8, Self)> {
        let (first, bytes) = self.bytes.trim_ascii_start().split_first()?;
        Some((*first, Self { bytes, ..self }))
    }

    fn begins_with_key(mut self) -> bool {
        while let Some((first, rest)) = self.next() {
            match first {
                b',' => self = rest,
                b'"' => {
                    return rest.ends_as_key(rest.plain_quote()) || rest.ends_as_key(rest.unescaped_quote());
                }
                // A comma too many before the closing brace.
                _ => return first == b'}',
            }
        }
        true
    }

    fn ends_as_key(self, quote: Option<usize>) -> bool {
        let Some(quote) = quote else { return self.cut };
        let behind = Self {
            bytes: &self.bytes[quote + 1..],
            ..self
        };
        behind.next().is_none_or(|(first, _)| first == b':')
    }

    fn plain_quote(self) -> Option<usize> {
        self.bytes.iter().position(|byte| *byte == b'"')
    }

    fn unescaped_quote(self) -> Option<usize> {
        let mut at = 0;
        while let Some(found) = find_quote_or_backslash(self.bytes, at) {
            if self.bytes[found] == b'"' {
                return Some(found);
            }
            at = found + 2;
        }
        None
    }

    fn ends_or_goes_on(self) -> bool {
        self.next()
            .is_none_or(|(first, _)| matches!(first, b',' | b'}' | b']' | 0))
    }
}
