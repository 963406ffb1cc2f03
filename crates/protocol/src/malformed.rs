//! Why a payload could not be read at all; a value to count and sample, not a failure of the service.

use std::fmt;

/// A payload that is not one JSON object with a `命令`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}: {detail}")]
pub struct Malformed {
    /// The kind of damage.
    pub reason: MalformedReason,
    /// Where it was noticed, in bytes of the payload (approximate when the payload was transcoded).
    pub offset: usize,
    /// What was expected there.
    pub detail: &'static str,
}

/// The kinds of damage, few enough to label a metric with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MalformedReason {
    /// No bytes, or only white space and NULs.
    Empty,
    /// Longer than [`crate::MAX_PAYLOAD`].
    TooLarge,
    /// JSON perhaps, but not an object.
    NotObject,
    /// The payload ends inside the object.
    Truncated,
    /// Not JSON at some point.
    Syntax,
    /// Nested deeper than any message is.
    TooDeep,
    /// Something other than white space or NUL follows the object.
    Trailing,
    /// An object without a `命令`.
    NoCommand,
}

impl MalformedReason {
    /// Every reason, for registering metrics.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::TooLarge,
        Self::NotObject,
        Self::Truncated,
        Self::Syntax,
        Self::TooDeep,
        Self::Trailing,
        Self::NoCommand,
    ];

    /// A short stable name, for metrics and the `malformed_message` table.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::NotObject => "not_object",
            Self::Truncated => "truncated",
            Self::Syntax => "syntax",
            Self::TooDeep => "too_deep",
            Self::Trailing => "trailing",
            Self::NoCommand => "no_command",
        }
    }
}

impl fmt::Display for MalformedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl Malformed {
    pub(crate) const fn new(reason: MalformedReason, offset: usize, detail: &'static str) -> Self {
        Self {
            reason,
            offset,
            detail,
        }
    }
}
