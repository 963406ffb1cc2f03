//! A single pass over one JSON object, borrowed, lenient as the field needs it, without recursion.
//!
//! Why not a JSON crate: none reads on past what firmware gets wrong (repeated keys, trailing commas,
//! `nan`, raw control characters, NUL padding), and none is faster at these short strings.

mod cursor;
mod scan;
mod skip;
mod unescape;
mod value;

pub(crate) use cursor::Cursor;
pub(crate) use scan::find_quote_or_backslash;
pub(crate) use value::Value;

/// A string of the payload that was transcoded: where its text begins in the frame, and its bytes as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawToken<'a> {
    pub(crate) at: usize,
    pub(crate) raw: &'a [u8],
}
