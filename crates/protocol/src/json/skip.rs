//! Passing over an array or object of any depth without recursion.

use super::find_quote_or_backslash;
use crate::{Malformed, MalformedReason as Reason};

/// Messages nest three deep; what nests deeper than this is an attack or noise.
const MAX_DEPTH: u32 = 64;

/// The position after the array or object that begins at `start`. Brackets and strings must match;
/// commas and colons are not looked at, for nobody reads what is skipped.
pub(super) fn skip_composite(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    // One bit per open bracket, the innermost lowest: 1 is an object.
    let (mut brackets, mut depth) = (0_u64, 0);
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(bytes, at)? + 1,
            b'{' | b'[' if depth == MAX_DEPTH => {
                return Err(Malformed::new(Reason::TooDeep, at - 1, "nested too deep"));
            }
            b'{' | b'[' => {
                brackets = brackets << 1 | u64::from(*byte == b'{');
                depth += 1;
            }
            b'}' | b']' => {
                if brackets & 1 != u64::from(*byte == b'}') {
                    return Err(Malformed::new(Reason::Syntax, at - 1, "brackets do not match"));
                }
                brackets >>= 1;
                depth -= 1;
                if depth == 0 {
                    return Ok(at);
                }
            }
            0 => return Err(Malformed::new(Reason::Truncated, at - 1, "NUL inside a value")),
            _ => {}
        }
    }
    Err(Malformed::new(
        Reason::Truncated,
        at,
        "the payload ends inside a value",
    ))
}

/// The position of the quote that closes the string whose text begins at `start`.
pub(super) fn end_of_string(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    let mut at = start;
    while let Some(found) = find_quote_or_backslash(bytes, at) {
        if bytes[found] == b'"' {
            return Ok(found);
        }
        at = found + 2;
    }
    Err(Malformed::new(
        Reason::Truncated,
        bytes.len(),
        "the payload ends inside a string",
    ))
}
