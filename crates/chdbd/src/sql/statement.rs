//! What kind of statement a text is, as far as the HTTP interface must know.

use std::iter::Peekable;

use super::lexer::{Kind, Lexer, Token};

/// A statement, told apart by how its data travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    /// `INSERT` whose rows follow the text or come in the body.
    Insert(Insert),
    /// Anything else.
    Other {
        /// The FORMAT clause, if any.
        format: Option<String>,
        /// `WITH TOTALS` is somewhere: its row exists only in a whole answer.
        totals: bool,
        /// `INTO OUTFILE` or `FROM INFILE`: files of the server, which no client may name.
        server_file: bool,
    },
}

/// An `INSERT` that takes rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insert {
    /// The text up to its VALUES or FORMAT clause, which the engine must not see.
    pub(crate) head: Vec<u8>,
    /// The format of the rows.
    pub(crate) format: String,
    /// Where the rows begin in the text.
    pub(crate) data_at: usize,
}

impl Statement {
    /// Looks at a text, or at the beginning of one whose rows are still to come.
    pub(crate) fn of(text: &[u8]) -> Self {
        insert(text).map_or_else(|| other(text), Self::Insert)
    }
}

/// `None` when the text is no INSERT, or one that takes its rows from a SELECT.
fn insert(text: &[u8]) -> Option<Insert> {
    let mut tokens = Lexer::new(text).peekable();
    tokens.next_if(|t| t.is("INSERT"))?;
    skip_target(&mut tokens);
    while let Some(token) = tokens.next() {
        if token.is("VALUES") && token.depth == 0 {
            return Some(found(text, token, "Values", token.end()));
        }
        if token.is("FORMAT") && token.depth == 0 {
            let name = tokens.next().filter(|t| t.kind == Kind::Word)?;
            let format = String::from_utf8_lossy(name.text).into_owned();
            return Some(found(text, token, &format, after_format(text, name.end())));
        }
        let from_elsewhere = ["SELECT", "WITH", "WATCH", "INFILE"].iter().any(|k| token.is(k));
        if from_elsewhere || token.kind == Kind::Mark(b';') {
            return None;
        }
    }
    Some(Insert {
        head: text.to_vec(),
        format: "Values".to_owned(),
        data_at: text.len(),
    })
}

fn found(text: &[u8], clause: Token<'_>, format: &str, data_at: usize) -> Insert {
    Insert {
        head: text[..clause.start].to_vec(),
        format: format.to_owned(),
        data_at,
    }
}

/// Steps over `INTO [TABLE] name[.name]`, so that a table called `values` is not taken for the clause.
fn skip_target(tokens: &mut Peekable<Lexer<'_>>) {
    while tokens
        .next_if(|t| t.is("INTO") || t.is("TABLE") || t.is("FUNCTION"))
        .is_some()
    {}
    tokens.next();
    if tokens.next_if(|t| t.kind == Kind::Mark(b'.')).is_some() {
        tokens.next();
    }
}

/// Rows begin after the format's name, blanks and one line break.
fn after_format(text: &[u8], end: usize) -> usize {
    let blanks = text[end..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | 0x0c))
        .count();
    let at = end + blanks;
    match &text[at..] {
        [b'\r', b'\n', ..] => at + 2,
        [b'\n', ..] => at + 1,
        _ => at,
    }
}

fn other(text: &[u8]) -> Statement {
    let tokens: Vec<_> = Lexer::new(text).filter(|t| t.depth == 0).collect();
    let follows = |a: &str, b: &str| tokens.windows(2).any(|pair| pair[0].is(a) && pair[1].is(b));
    Statement::Other {
        format: format_clause(&tokens),
        totals: Lexer::new(text).any(|t| t.is("TOTALS")),
        server_file: follows("INTO", "OUTFILE") || follows("FROM", "INFILE"),
    }
}

/// `FORMAT name` at the end, or before SETTINGS.
fn format_clause(tokens: &[Token<'_>]) -> Option<String> {
    let at = tokens
        .windows(2)
        .rposition(|pair| pair[0].is("FORMAT") && pair[1].kind == Kind::Word)?;
    let ends = tokens
        .get(at + 2)
        .is_none_or(|t| t.is("SETTINGS") || t.kind == Kind::Mark(b';'));
    (at > 0 && ends).then(|| String::from_utf8_lossy(tokens[at + 1].text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows_of(text: &str) -> Option<(String, String, String)> {
        match Statement::of(text.as_bytes()) {
            Statement::Insert(i) => {
                let head = String::from_utf8(i.head).unwrap();
                Some((head.trim().to_owned(), i.format, text[i.data_at..].to_owned()))
            }
            Statement::Other { .. } => None,
        }
    }

    fn split(head: &str, format: &str, data: &str) -> Option<(String, String, String)> {
        Some((head.to_owned(), format.to_owned(), data.to_owned()))
    }

    #[test]
    fn the_rows_of_an_insert_are_told_from_its_text() {
        let rb = "INSERT INTO t(`a`,`format`) FORMAT RowBinary";
        assert_eq!(rows_of(rb), split("INSERT INTO t(`a`,`format`)", "RowBinary", ""));
        assert_eq!(
            rows_of("insert into t format CSV\n1,2\n"),
            split("insert into t", "CSV", "1,2\n")
        );
        assert_eq!(
            rows_of("INSERT INTO t VALUES (1)"),
            split("INSERT INTO t", "Values", " (1)")
        );
        let with = "INSERT INTO db.t (x) SETTINGS a='format b' FORMAT TSV \r\n1";
        assert_eq!(
            rows_of(with),
            split("INSERT INTO db.t (x) SETTINGS a='format b'", "TSV", "1")
        );
    }

    #[test]
    fn names_are_not_taken_for_clauses() {
        assert_eq!(
            rows_of("INSERT INTO values VALUES (1)"),
            split("INSERT INTO values", "Values", " (1)")
        );
        assert_eq!(
            rows_of("INSERT INTO d.values (x) VALUES (1)"),
            split("INSERT INTO d.values (x)", "Values", " (1)")
        );
        assert_eq!(
            rows_of("INSERT INTO TABLE format FORMAT CSV 1"),
            split("INSERT INTO TABLE format", "CSV", "1")
        );
    }

    #[test]
    fn an_insert_from_a_select_is_an_ordinary_statement() {
        assert_eq!(rows_of("INSERT INTO t SELECT 1"), None);
        assert_eq!(rows_of("INSERT INTO t (a) WITH 1 AS x SELECT x"), None);
        assert_eq!(rows_of("SELECT 'INSERT INTO t VALUES'"), None);
    }

    fn format_of(text: &str) -> Option<String> {
        match Statement::of(text.as_bytes()) {
            Statement::Other { format, .. } => format,
            Statement::Insert(_) => panic!("{text} is no insert"),
        }
    }

    #[test]
    fn the_format_clause_is_found() {
        assert_eq!(format_of("SELECT 1 FORMAT JSON").as_deref(), Some("JSON"));
        assert_eq!(
            format_of("SELECT 1 FORMAT CSV SETTINGS max_threads = 1").as_deref(),
            Some("CSV")
        );
        assert_eq!(format_of("SELECT 1 FORMAT CSV;").as_deref(), Some("CSV"));
        assert_eq!(format_of("SELECT format FROM t"), None);
        assert_eq!(format_of("SELECT 1 -- FORMAT JSON"), None);
        assert_eq!(format_of("SELECT 'FORMAT JSON'"), None);
    }

    #[test]
    fn files_of_the_server_are_noticed() {
        let of = |text: &str| {
            matches!(
                Statement::of(text.as_bytes()),
                Statement::Other {
                    server_file: true,
                    ..
                }
            )
        };
        assert!(of("SELECT 1 INTO OUTFILE 'x'"));
        assert!(of("INSERT INTO t FROM INFILE 'x' FORMAT CSV"));
        assert!(!of("SELECT outfile FROM t"));
    }
}
