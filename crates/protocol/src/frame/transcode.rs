//! From bytes of any encoding to JSON text, string by string: keys may be UTF-8 and one value raw bytes
//! from a vehicle. Between strings JSON is ASCII.

use super::context::{Context, Role};
use super::token::{self, Kind, Token};
use crate::json::RawToken;

/// Keys that one of every payload has, in UTF-8 and in GB18030: `命令`, and `状态` on the status topic.
const TELLING_KEYS: [(&str, &[u8]); 2] = [
    ("\"命令\"", b"\"\xc3\xfc\xc1\xee\""),
    ("\"状态\"", b"\"\xd7\xb4\xcc\xac\""),
];

/// A payload as JSON text, with the values whose bytes on the wire differ from the text's.
#[derive(Debug)]
pub(super) struct Transcoded<'p> {
    pub(super) text: String,
    pub(super) tokens: Vec<RawToken<'p>>,
    pub(super) damaged: bool,
}

/// Transcodes a payload; `None` when finding the strings in it would take too long, which only noise made
/// of quotes and backslashes does.
pub(super) fn transcode(payload: &[u8]) -> Option<Transcoded<'_>> {
    let mut transcoder = Transcoder {
        prefer_gb18030: is_gb18030_throughout(payload),
        // Three candidates for each string, a few wrong guesses; never the square of the length.
        budget: payload.len() * 8 + 1024,
        context: Context::default(),
        out: Transcoded {
            text: String::with_capacity(payload.len() * 3 / 2),
            tokens: Vec::new(),
            damaged: false,
        },
    };
    let mut rest = payload;
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' => transcoder.string(after)?,
            _ => {
                transcoder.between(*byte);
                after
            }
        };
    }
    Some(transcoder.out)
}

struct Transcoder<'p> {
    prefer_gb18030: bool,
    budget: usize,
    context: Context,
    out: Transcoded<'p>,
}

impl<'p> Transcoder<'p> {
    fn between(&mut self, byte: u8) {
        self.context.pass(byte);
        if byte.is_ascii() {
            self.out.text.push(char::from(byte));
        } else {
            self.out.text.push(char::REPLACEMENT_CHARACTER);
            self.out.damaged = true;
        }
    }

    /// Writes the string that begins `bytes` and gives back what follows it.
    fn string(&mut self, bytes: &'p [u8]) -> Option<&'p [u8]> {
        self.out.text.push('"');
        let Some(token) = self.find(bytes)? else {
            // No end in sight: the payload was cut. The rest is kept for whoever looks at it.
            self.out.damaged = true;
            self.out.text.push_str(&String::from_utf8_lossy(bytes));
            return Some(&[]);
        };
        if self.context.role() == Role::Key {
            self.context.pass_key(&token.text);
        }
        if token.kind != Kind::Utf8 {
            self.out.damaged |= token.kind == Kind::Damaged;
            self.out.tokens.push(RawToken {
                at: self.out.text.len(),
                raw: token.raw,
            });
        }
        self.out.text.push_str(&token.text);
        self.out.text.push('"');
        Some(&bytes[token.raw.len() + 1..])
    }

    /// The first candidate that fits; the outer `None` when the budget is spent.
    fn find(&mut self, bytes: &'p [u8]) -> Option<Option<Token<'p>>> {
        type Candidate = for<'b> fn(&'b [u8], Role) -> Result<Token<'b>, usize>;
        let order: [Candidate; 2] = if self.prefer_gb18030 {
            [token::gb18030, token::utf8]
        } else {
            [token::utf8, token::gb18030]
        };
        let role = self.context.role();
        for candidate in order {
            match candidate(bytes, role) {
                Ok(token) => return Some(Some(token)),
                Err(looked_at) => self.budget = self.budget.checked_sub(looked_at)?,
            }
        }
        match token::damaged(bytes, role, self.prefer_gb18030) {
            Ok(token) => Some(Some(token)),
            Err(_) => Some(None),
        }
    }
}

fn is_gb18030_throughout(payload: &[u8]) -> bool {
    TELLING_KEYS.iter().any(|(_, gb18030)| contains(payload, gb18030))
        && !TELLING_KEYS
            .iter()
            .any(|(utf8, _)| contains(payload, utf8.as_bytes()))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
