//! Which formats can be streamed: the engine gives every block as a document of its own, so the documents must
//! make one when joined, at most after their repeated header is taken away.

use std::borrow::Cow;

/// How the documents of two blocks are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// One after the other.
    Plain,
    /// A RowBinary header of this many strings per column is repeated.
    BinaryHeader(usize),
    /// This many lines of text are repeated; a quoted line break does not end a line.
    LineHeader(usize),
}

impl Join {
    /// `None` when a document of this format can only be given whole.
    pub(crate) fn of(format: &str) -> Option<Self> {
        match format.to_ascii_lowercase().as_str() {
            "rowbinary" | "native" | "tsv" | "tabseparated" | "tsvraw" | "tabseparatedraw" | "csv"
            | "jsoneachrow" | "jsonlines" | "ndjson" | "jsoncompacteachrow" | "jsonstringseachrow"
            | "tskv" | "rawblob" | "lineasstring" => Some(Self::Plain),
            "rowbinarywithnames" => Some(Self::BinaryHeader(1)),
            "rowbinarywithnamesandtypes" => Some(Self::BinaryHeader(2)),
            "tsvwithnames" | "tabseparatedwithnames" | "csvwithnames" => Some(Self::LineHeader(1)),
            "tsvwithnamesandtypes" | "tabseparatedwithnamesandtypes" | "csvwithnamesandtypes" => {
                Some(Self::LineHeader(2))
            }
            _ => None,
        }
    }

    /// The length of the header at the start of a document.
    fn header(self, document: &[u8]) -> usize {
        match self {
            Self::Plain => 0,
            Self::BinaryHeader(strings) => binary_header(document, strings).unwrap_or(0),
            Self::LineHeader(lines) => line_header(document, lines),
        }
    }
}

/// Takes the repeated headers away while the blocks pass.
#[derive(Debug)]
pub(crate) struct Joiner {
    join: Join,
    header: Option<Vec<u8>>,
}

impl Joiner {
    pub(crate) fn new(join: Join) -> Self {
        Self { join, header: None }
    }

    /// What of this block's document belongs into the joined one.
    pub(crate) fn join<'a>(&mut self, document: &'a [u8]) -> &'a [u8] {
        match &self.header {
            Some(header) => document.strip_prefix(header.as_slice()).unwrap_or(document),
            None => {
                self.header = Some(document[..self.join.header(document)].to_vec());
                document
            }
        }
    }
}

/// A count of columns, then the strings, all lengths LEB128.
fn binary_header(document: &[u8], strings: usize) -> Option<usize> {
    let mut rest = document;
    let columns = leb128(&mut rest)?;
    for _ in 0..columns.checked_mul(strings)? {
        let length = leb128(&mut rest)?;
        rest = rest.get(length..)?;
    }
    Some(document.len() - rest.len())
}

fn leb128(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn line_header(document: &[u8], lines: usize) -> usize {
    let (mut quoted, mut seen) = (false, 0);
    for (at, byte) in document.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                seen += 1;
                if seen == lines {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    0
}

/// The Content-Type that ClickHouse gives to a format.
pub(crate) fn content_type(format: &str) -> Cow<'static, str> {
    let lower = format.to_ascii_lowercase();
    let header = if lower.ends_with("withnames") || lower.ends_with("withnamesandtypes") {
        "present"
    } else {
        "absent"
    };
    if lower.starts_with("csv") {
        Cow::Owned(format!("text/csv; charset=UTF-8; header={header}"))
    } else if lower.starts_with("tsv") || lower.starts_with("tabseparated") {
        Cow::Borrowed("text/tab-separated-values; charset=UTF-8")
    } else if lower.ends_with("eachrow") || lower == "jsonlines" || lower == "ndjson" {
        Cow::Borrowed("application/x-ndjson; charset=UTF-8")
    } else if lower.starts_with("json") {
        Cow::Borrowed("application/json; charset=UTF-8")
    } else if lower.starts_with("rowbinary")
        || matches!(lower.as_str(), "native" | "parquet" | "arrow" | "orc")
    {
        Cow::Borrowed("application/octet-stream")
    } else {
        Cow::Borrowed("text/plain; charset=UTF-8")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_headers_are_taken_away() {
        let mut binary = Joiner::new(Join::of("RowBinaryWithNamesAndTypes").unwrap());
        assert_eq!(binary.join(b"\x01\x01x\x05UInt8\x07"), b"\x01\x01x\x05UInt8\x07");
        assert_eq!(binary.join(b"\x01\x01x\x05UInt8\x08\x09"), b"\x08\x09");

        let mut csv = Joiner::new(Join::of("CSVWithNames").unwrap());
        assert_eq!(csv.join(b"\"a\nb\"\n1\n"), b"\"a\nb\"\n1\n");
        assert_eq!(csv.join(b"\"a\nb\"\n2\n"), b"2\n");
    }

    #[test]
    fn rows_that_look_like_no_header_stay() {
        let mut plain = Joiner::new(Join::of("TSV").unwrap());
        assert_eq!(plain.join(b"1\n"), b"1\n");
        assert_eq!(plain.join(b"1\n"), b"1\n");
    }

    #[test]
    fn whole_documents_are_not_streamed() {
        for format in ["JSON", "Pretty", "XML", "Parquet"] {
            assert_eq!(Join::of(format), None, "{format}");
        }
    }
}
