//! INSERTs whose rows come as bytes of a format, in pieces.

use super::{Engine, Scope};
use crate::exception::Exception;

/// What an INSERT wrote, rows of materialised views included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// Where the rows of an INSERT come from.
pub(crate) trait InsertRows {
    /// Gives pieces of rows to `append` until the end, or until it answers false. An error aborts the INSERT.
    fn feed(&mut self, append: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), Exception>;
}

impl Engine {
    /// Runs one INSERT; the rows are committed when this returns well.
    pub(crate) fn insert(
        &self,
        head: &[u8],
        format: &str,
        scope: &Scope,
        rows: &mut impl InsertRows,
    ) -> Result<Written, Exception> {
        let mut connection = self.pool.lend(scope)?;
        let result = {
            let failed = |text: String| self.exception(&text);
            let mut stream = connection.insert(head, format, &scope.params).map_err(failed)?;
            rows.feed(&mut |piece| stream.append(piece))?;
            stream.finish().map_err(failed)
        };
        // A batch's settings name its deduplication token: nobody asks for such a session again.
        if result.is_ok() && scope.settings.is_empty() {
            connection.keep();
        }
        result.map(|(rows, bytes)| Written { rows, bytes })
    }
}
