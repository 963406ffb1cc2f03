//! Where in the JSON a string stands, and with that what must follow its closing quote. Raw bytes in a
//! string may be quotes, so a quote alone does not end it.

/// What comes after a key or value is looked at for so many bytes; keys are shorter than this.
const LOOK_AHEAD: usize = 128;

/// What the string is that begins next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Key,
    Member,
    Element,
}

/// The brackets that are open; the innermost 64 of them, which is enough to guess by.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// 1 is an object, the innermost lowest.
    brackets: u64,
    after_colon: bool,
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

    pub(super) fn role(&self) -> Role {
        match (self.brackets & 1, self.after_colon) {
            (1, false) => Role::Key,
            (1, true) => Role::Member,
            _ => Role::Element,
        }
    }
}

/// True when `after`, the bytes behind a quote, go on as JSON does behind a string in this role.
pub(super) fn may_follow(role: Role, after: &[u8]) -> bool {
    let after = skip_blanks(&after[..after.len().min(LOOK_AHEAD)]);
    let Some((first, rest)) = after.split_first() else {
        return role != Role::Key;
    };
    match (role, first) {
        (Role::Key, b':') => true,
        (Role::Key, _) => false,
        (Role::Member, b',') => begins_with_key(skip_blanks(rest)),
        (Role::Member, b'}') => ends_or_goes_on(skip_blanks(rest)),
        (Role::Element, b',') => true,
        (Role::Element, b']') => ends_or_goes_on(skip_blanks(rest)),
        (_, 0) => true,
        _ => false,
    }
}

fn begins_with_key(bytes: &[u8]) -> bool {
    match bytes.split_first() {
        Some((b'"', rest)) => match rest.iter().position(|byte| *byte == b'"') {
            Some(end) => skip_blanks(&rest[end + 1..])
                .first()
                .is_none_or(|byte| *byte == b':'),
            None => false,
        },
        // A comma too many before the closing brace, or the payload ends here.
        Some((byte, _)) => *byte == b'}',
        None => true,
    }
}

fn ends_or_goes_on(bytes: &[u8]) -> bool {
    matches!(bytes.first(), None | Some(b',' | b'}' | b']' | 0))
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}
