//! A WHERE clause: text that only the program writes, values that are always bound.

use clickhouse::query::Query;

use crate::Clickhouse;

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An id or a flag.
    Unsigned(u64),
    /// A time.
    Signed(i64),
    /// A text.
    Text(String),
    /// For `IN ?`.
    UnsignedList(Vec<u64>),
    /// For `IN ?`.
    TextList(Vec<String>),
}

macro_rules! values {
    ($($variant:ident $type:ty),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )+};
}

values!(Unsigned u64, Signed i64, Text String, UnsignedList Vec<u64>, TextList Vec<String>);

impl From<u8> for Value {
    fn from(value: u8) -> Self {
        Self::Unsigned(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// Conditions that must all hold. A condition's text is `&'static str`, so that nothing a caller sent can
/// become SQL; its `?` stand for the values, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    early: Clause,
    late: Clause,
}

/// Where [`Conditions::and_early`] goes in a query's text.
const EARLY: &str = "{early}";

/// Texts, and the values of all their placeholders in order.
#[derive(Debug, Clone, PartialEq, Default)]
struct Clause {
    texts: Vec<&'static str>,
    values: Vec<Value>,
}

impl Clause {
    fn add(&mut self, text: &'static str, values: impl IntoIterator<Item = Value>) {
        self.texts.push(text);
        self.values.extend(values);
    }

    /// ` WORD (a) AND (b)`, or nothing.
    fn text(&self, word: &str) -> String {
        match self.texts.is_empty() {
            true => String::new(),
            false => format!(" {word} ({})", self.texts.join(") AND (")),
        }
    }
}

impl Conditions {
    /// None: everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// And `text`, whose placeholders stand for `values`.
    #[must_use]
    pub fn and(mut self, text: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        self.late.add(text, values);
        self
    }

    /// And `text`, already before versions are compared, where the query has a place for it: `{early}` behind
    /// `FROM table FINAL` becomes `PREWHERE …`. Only for columns that all versions of a row have in common.
    #[must_use]
    pub fn and_early(mut self, text: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        self.early.add(text, values);
        self
    }

    /// And `text`, which has one placeholder, if there is a value.
    #[must_use]
    pub fn and_if(self, text: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.and(text, [value.into()]),
            None => self,
        }
    }

    /// And a condition that has several placeholders, all for the same words, if there are words:
    /// `positionCaseInsensitiveUTF8(a, ?) > 0 OR positionCaseInsensitiveUTF8(b, ?) > 0`. No wildcards, so
    /// that `%` and `_` are found as themselves.
    #[must_use]
    pub fn and_words(self, text: &'static str, words: Option<&str>) -> Self {
        match words.map(str::trim).filter(|words| !words.is_empty()) {
            Some(words) => {
                let places = text.matches('?').count();
                self.and(text, std::iter::repeat_n(Value::from(words), places))
            }
            None => self,
        }
    }

    /// `sql` with `WHERE …` behind it, bound.
    pub fn query(&self, db: &Clickhouse, sql: &str) -> Query {
        self.query_with(db, sql, "")
    }

    /// `sql`, `WHERE …`, then `rest`; neither has placeholders of its own except `?fields` in `sql`.
    pub fn query_with(&self, db: &Clickhouse, sql: &str, rest: &str) -> Query {
        let mut text = sql.replace(EARLY, &self.early.text("PREWHERE"));
        let mut late = Clause::default();
        if !sql.contains(EARLY) {
            late.clone_from(&self.early);
        }
        late.texts.extend(&self.late.texts);
        text.push_str(&late.text("WHERE"));
        text.push_str(rest);
        // Early ones stand first in either text.
        let values = self.early.values.iter().chain(&self.late.values);
        values.fold(db.client().query(&text), |query, value| match value {
            Value::Unsigned(value) => query.bind(value),
            Value::Signed(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::UnsignedList(value) => query.bind(value),
            Value::TextList(value) => query.bind(value),
        })
    }
}
