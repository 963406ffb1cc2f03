//! Fields that could not be used as sent: the message is read without them, and they are listed here.

use std::borrow::Cow;

/// One field that was ignored, or one value of it that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem<'a> {
    /// The key as it was on the wire.
    pub field: Cow<'a, str>,
    /// What is wrong with it.
    pub kind: ProblemKind,
    /// The value as it was on the wire (the JSON text, for arrays and objects).
    pub value: Cow<'a, str>,
}

/// What can be wrong with a field of a message that is otherwise understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Another JSON type than the field has, for example a list where a text belongs.
    WrongType,
    /// A number was expected, and this is none.
    NotANumber,
    /// A number outside what the field can be.
    OutOfRange,
    /// A time was expected, and this is none.
    NotATime,
    /// The key came before with another value, which was kept; this is the later one.
    Repeated,
    /// An element of a list lacks what makes it one.
    Incomplete,
}

impl ProblemKind {
    /// A short stable name for metrics and logs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::NotANumber => "not_a_number",
            Self::OutOfRange => "out_of_range",
            Self::NotATime => "not_a_time",
            Self::Repeated => "repeated",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The problems of one message; empty, and then without any allocation, for a sound one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems<'a>(Vec<Problem<'a>>);

impl<'a> Problems<'a> {
    /// A hostile payload may hold thousands; the first ones tell the story.
    pub const KEPT: usize = 32;

    pub(crate) fn push(&mut self, field: Cow<'a, str>, kind: ProblemKind, value: Cow<'a, str>) {
        if self.0.len() < Self::KEPT {
            self.0.push(Problem { field, kind, value });
        }
    }

    /// True for a message that could be used whole.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems in the order of the payload.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem<'a>> {
        self.0.iter()
    }

    /// How many there are (at most [`Self::KEPT`]).
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'p, 'a> IntoIterator for &'p Problems<'a> {
    type Item = &'p Problem<'a>;
    type IntoIter = std::slice::Iter<'p, Problem<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
