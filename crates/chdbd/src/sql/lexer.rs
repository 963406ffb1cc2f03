//! Splits SQL text into words, keeping out of quotes and comments.

/// A piece of SQL that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An unquoted word: keyword, name or number.
    Word,
    /// `'…'`, `"…"`, `` `…` `` or a heredoc.
    Quoted,
    /// One byte of punctuation.
    Mark(u8),
}

/// A piece and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a [u8],
    pub(crate) start: usize,
    /// How many parentheses are open around it.
    pub(crate) depth: usize,
}

impl Token<'_> {
    /// Whether this is the keyword.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword.as_bytes())
    }

    /// The first byte after it.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Walks over the pieces of a text; damaged text ends the walk early, which leaves the verdict to the engine.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
        }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest
                .iter()
                .take_while(|b| b.is_ascii_whitespace() || **b == 0x0b)
                .count();
            let comment = if blank > 0 { 0 } else { comment(rest) };
            if blank + comment == 0 {
                return;
            }
            self.at += blank + comment;
        }
    }
}

/// The length of the comment at the start, 0 when there is none.
fn comment(rest: &[u8]) -> usize {
    let until = |end: &[u8], keep: usize| find(rest, end).map_or(rest.len(), |at| at + keep);
    if rest.starts_with(b"--") || rest.starts_with(b"#!") || rest.starts_with(b"# ") {
        until(b"\n", 1)
    } else if rest.starts_with(b"/*") {
        until(b"*/", 2)
    } else {
        0
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// The length of a quoted text at the start; an escape or a doubled quote does not end it.
fn quoted_length(rest: &[u8]) -> Option<usize> {
    let quote = rest[0];
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote && rest.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The length of a heredoc `$tag$…$tag$` at the start.
fn heredoc_length(rest: &[u8]) -> Option<usize> {
    let name = rest[1..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    let tag = rest.get(..name + 2).filter(|tag| tag.ends_with(b"$"))?;
    find(&rest[tag.len()..], tag).map(|at| at + 2 * tag.len())
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blank();
        let rest = self.rest();
        let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || !b.is_ascii();
        let (kind, length) = match *rest.first()? {
            b'\'' | b'"' | b'`' => (Kind::Quoted, quoted_length(rest)?),
            b'$' if heredoc_length(rest).is_some() => (Kind::Quoted, heredoc_length(rest)?),
            byte if word(&byte) => (Kind::Word, rest.iter().take_while(|b| word(b)).count()),
            byte => (Kind::Mark(byte), 1),
        };
        if kind == Kind::Mark(b')') {
            self.depth = self.depth.saturating_sub(1);
        }
        let token = Token {
            kind,
            text: &rest[..length],
            start: self.at,
            depth: self.depth,
        };
        if kind == Kind::Mark(b'(') {
            self.depth += 1;
        }
        self.at += length;
        Some(token)
    }
}

/// A text as a literal or a name, in the given kind of quotes.
pub(crate) fn quoted(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        if c == quote || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Lexer::new(text.as_bytes())
            .map(|t| String::from_utf8_lossy(t.text).into_owned())
            .collect()
    }

    #[test]
    fn quotes_and_comments_hide_what_is_in_them() {
        assert_eq!(words("a -- b 'c\n/* ' */ d"), ["a", "d"]);
        assert_eq!(words(r"'it''s' 'a\'b' `x``y`"), ["'it''s'", r"'a\'b'", "`x``y`"]);
        assert_eq!(words("$t$ FORMAT $t$ x"), ["$t$ FORMAT $t$", "x"]);
    }

    #[test]
    fn depth_counts_open_parentheses() {
        let depths: Vec<_> = Lexer::new(b"f(a, (b)) c").map(|t| t.depth).collect();
        assert_eq!(depths, [0, 0, 1, 1, 1, 2, 1, 0, 0]);
    }

    #[test]
    fn an_open_quote_ends_the_walk() {
        assert_eq!(words("a 'b"), ["a"]);
    }

    #[test]
    fn quoting_escapes() {
        assert_eq!(quoted(r"a'b\", '\''), r"'a\'b\\'");
    }
}
