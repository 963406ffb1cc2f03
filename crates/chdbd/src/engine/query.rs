//! Statements that are no INSERT of rows: streamed where the answer's format allows it, whole otherwise.

use super::{Engine, Scope};
use crate::exception::Exception;
use crate::ffi::{Analysis, Connection};
use crate::format::{Join, Joiner};
use crate::sql::Statement;

/// The engine's word for a statement that gives no stream.
const NOT_STREAMED: &str = "Streaming query is not supported";

/// Known before the first byte of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The format of the answer.
    pub(crate) format: String,
}

/// Takes an answer while it is made.
pub(crate) trait Sink {
    /// A piece of the answer; false when nobody listens any more.
    fn chunk(&mut self, bytes: &[u8]) -> bool;
}

impl Engine {
    /// Runs one statement, whose answer goes to what `begin` makes of its head.
    pub(crate) fn query<S: Sink>(
        &self,
        sql: &[u8],
        scope: &Scope,
        run: &QueryRun<'_>,
        begin: impl FnOnce(Head) -> S,
    ) -> (Option<S>, Result<(), Exception>) {
        let Statement::Other {
            format,
            totals,
            server_file,
        } = Statement::of(sql)
        else {
            return (
                None,
                Err(Exception::bad_arguments("An INSERT of rows is no query")),
            );
        };
        if server_file {
            let reason = "INTO OUTFILE and FROM INFILE name files of the server and are not allowed";
            return (None, Err(Exception::bad_arguments(reason)));
        }
        let format = format.unwrap_or_else(|| run.default_format.to_owned());
        let mut sink = begin(Head {
            format: format.clone(),
        });
        let join = if totals || run.whole {
            None
        } else {
            Join::of(&format)
        };
        let result = self.execute(sql, scope, run, &format, join, &mut sink);
        (Some(sink), result)
    }

    fn execute<S: Sink>(
        &self,
        sql: &[u8],
        scope: &Scope,
        run: &QueryRun<'_>,
        format: &str,
        join: Option<Join>,
        sink: &mut S,
    ) -> Result<(), Exception> {
        let mut connection = self.pool.lend(scope)?;
        let analysis = match plainly_reads(sql) {
            true => Analysis::READS,
            false => connection.classify(sql),
        };
        if analysis.statements > 1 {
            return Err(self.exception(
                "Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)",
            ));
        }
        if run.read_only && !analysis.read_only {
            return Err(Exception::new(
                164,
                "READONLY",
                "A GET request only reads: use POST",
            ));
        }
        // The streaming call refuses a second statement before it runs the first, the other one does not: text
        // that the classifier cannot read must go through it.
        let stream = (analysis.read_only && join.is_some()) || analysis.unknown;
        let streamed = if stream {
            self.stream(&mut connection, sql, scope, format, join, sink)
        } else {
            Err(None)
        };
        let result = match streamed {
            Err(None) => self.whole(&mut connection, sql, scope, format, sink),
            Err(Some(exception)) => Err(exception),
            Ok(()) => Ok(()),
        };
        if result.is_ok() && analysis.read_only {
            connection.keep();
        }
        result
    }

    /// `Err(None)` when this statement gives no stream; then nothing has run.
    fn stream<S: Sink>(
        &self,
        connection: &mut Connection,
        sql: &[u8],
        scope: &Scope,
        format: &str,
        join: Option<Join>,
        sink: &mut S,
    ) -> Result<(), Option<Exception>> {
        let failed = |text: String| Some(self.exception(&text));
        let mut stream = match connection.stream(sql, format, &scope.params) {
            Ok(stream) if join.is_some() => stream,
            Ok(_) => return Err(None),
            Err(text) if text.contains(NOT_STREAMED) => return Err(None),
            Err(text) => return Err(failed(text)),
        };
        let mut joiner = Joiner::new(join.expect("checked above"));
        while let Some(block) = stream.next().map_err(failed)? {
            if !sink.chunk(joiner.join(block.bytes())) {
                break;
            }
        }
        Ok(())
    }

    fn whole<S: Sink>(
        &self,
        connection: &mut Connection,
        sql: &[u8],
        scope: &Scope,
        format: &str,
        sink: &mut S,
    ) -> Result<(), Exception> {
        let output = connection
            .query(sql, format, &scope.params)
            .map_err(|text| self.exception(&text))?;
        if !output.bytes().is_empty() {
            sink.chunk(output.bytes());
        }
        Ok(())
    }
}

/// Whether a text is one `SELECT` for sure, without asking the parser: it parses the text twice more when it runs it,
/// and that costs more than reading a page of rows. What is written otherwise is left to the parser.
fn plainly_reads(sql: &[u8]) -> bool {
    let sql = sql.trim_ascii_start();
    let (word, rest) = sql.split_at(sql.len().min(6));
    word.eq_ignore_ascii_case(b"SELECT")
        && rest.first().is_some_and(u8::is_ascii_whitespace)
        && !rest.contains(&b';')
}

/// How a query is to be run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryRun<'a> {
    /// The format when the statement names none.
    pub(crate) default_format: &'a str,
    /// Refuse what is not a pure reader.
    pub(crate) read_only: bool,
    /// Answer only once the end is known (`wait_end_of_query`).
    pub(crate) whole: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_select_for_sure_goes_by_the_parser() {
        for sql in ["SELECT 1", "\n select\t* FROM t WHERE a = 'INSERT'"] {
            assert!(plainly_reads(sql.as_bytes()), "{sql}");
        }
        for sql in [
            "",
            "SELECT",
            "SELECT 1; DROP TABLE t",
            "SELECTED",
            "WITH 1 AS a SELECT a",
            "-- a\nSELECT 1",
            "DROP TABLE t",
            "(SELECT 1)",
        ] {
            assert!(!plainly_reads(sql.as_bytes()), "{sql}");
        }
    }
}
