//! The candidates for one string of a payload that is not UTF-8: where it ends, and as what it decodes.

use std::borrow::Cow;

use encoding_rs::GB18030;

use super::context::{Role, may_follow};
use crate::json::find_quote_or_backslash;

/// A string's bytes between its quotes, decoded. `text` is the body of a JSON string.
pub(super) struct Token<'p> {
    pub(super) raw: &'p [u8],
    pub(super) text: Cow<'p, str>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Utf8,
    Gb18030,
    Damaged,
}

/// As UTF-8, up to the first quote that is not escaped.
pub(super) fn utf8<'p>(bytes: &'p [u8], role: Role) -> Result<Token<'p>, usize> {
    let raw = escaped_end(bytes, role)?;
    match std::str::from_utf8(raw) {
        Ok(text) => Ok(Token {
            raw,
            text: Cow::Borrowed(text),
            kind: Kind::Utf8,
        }),
        Err(_) => mostly_utf8(raw).ok_or(raw.len()),
    }
}

/// UTF-8 that was cut or scratched: two or more sound characters of three bytes for each bad place are no
/// accident, and must not be taken for GB18030, in which almost any pair of bytes is some character.
fn mostly_utf8(raw: &[u8]) -> Option<Token<'_>> {
    let text = String::from_utf8_lossy(raw);
    let bad = replacements(&text);
    let wide = text.chars().filter(|c| c.len_utf8() == 3).count() - bad;
    (wide > bad).then_some(Token {
        raw,
        text,
        kind: Kind::Damaged,
    })
}

/// As GB18030, in which a second byte may look like a backslash.
pub(super) fn gb18030<'p>(bytes: &'p [u8], role: Role) -> Result<Token<'p>, usize> {
    let end = gb18030_end(bytes)?;
    let raw = &bytes[..end];
    if !may_follow(role, &bytes[end + 1..]) {
        return Err(end);
    }
    let text = GB18030
        .decode_without_bom_handling_and_without_replacement(raw)
        .ok_or(end)?;
    Ok(Token {
        raw,
        text,
        kind: Kind::Gb18030,
    })
}

/// What a string holds, when a quote in it is no more than a raw byte. Longer ones are broken JSON.
const LONGEST_WITH_QUOTES: usize = 128;

/// As raw bytes: nothing in them is an escape, and only a quote that JSON goes on behind ends them.
pub(super) fn damaged<'p>(bytes: &'p [u8], role: Role, prefer_gb18030: bool) -> Result<Token<'p>, usize> {
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|byte| *byte == b'"') {
        let end = from + found;
        let raw = &bytes[..end];
        if from > 0 && !may_hold_quotes(role, raw) {
            return Err(end);
        }
        if may_follow(role, &bytes[end + 1..]) {
            let text = Cow::Owned(as_json_body(&lossy(raw, prefer_gb18030)));
            return Ok(Token {
                raw,
                text,
                kind: Kind::Damaged,
            });
        }
        from = end + 1;
    }
    Err(bytes.len())
}

/// False where the quotes are those of another key: then a comma or colon is missing, and nothing is raw.
fn may_hold_quotes(role: Role, raw: &[u8]) -> bool {
    !matches!(role, Role::Key | Role::Command)
        && raw.len() <= LONGEST_WITH_QUOTES
        && !raw.windows(3).any(|window| window == b"\":\"")
}

fn escaped_end(bytes: &[u8], role: Role) -> Result<&[u8], usize> {
    let mut at = 0;
    while let Some(found) = find_quote_or_backslash(bytes, at) {
        if bytes[found] == b'"' {
            return if may_follow(role, &bytes[found + 1..]) {
                Ok(&bytes[..found])
            } else {
                Err(found)
            };
        }
        at = found + 2;
    }
    Err(bytes.len())
}

fn gb18030_end(bytes: &[u8]) -> Result<usize, usize> {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = |ahead: usize| bytes.get(at + ahead).copied().unwrap_or(0);
        at += match byte {
            b'"' => return Ok(at),
            b'\\' if next(1) < 0x80 => 2,
            0..=0x7f => 1,
            0x80 | 0xff => return Err(at),
            _ => match (next(1), next(2), next(3)) {
                (0x30..=0x39, 0x81..=0xfe, 0x30..=0x39) => 4,
                (0x40..=0x7e | 0x80..=0xfe, ..) => 2,
                _ => return Err(at),
            },
        };
    }
    Err(bytes.len())
}

/// The decoding that loses fewer bytes.
fn lossy(raw: &[u8], prefer_gb18030: bool) -> Cow<'_, str> {
    let utf8 = String::from_utf8_lossy(raw);
    let (gb18030, _) = GB18030.decode_without_bom_handling(raw);
    match replacements(&gb18030).cmp(&replacements(&utf8)) {
        std::cmp::Ordering::Less => gb18030,
        std::cmp::Ordering::Equal if prefer_gb18030 => gb18030,
        _ => utf8,
    }
}

fn replacements(text: &str) -> usize {
    text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count()
}

fn as_json_body(text: &str) -> String {
    let mut body = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            body.push('\\');
        }
        body.push(c);
    }
    body
}
