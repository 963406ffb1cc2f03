//! `log_content`: what log files say, in chunks.

use crate::{Clickhouse, Record, StoreError, rowbinary::table_row};

/// Most bytes of one chunk: small enough to be shown at once, large enough to compress.
pub const CHUNK_BYTES: usize = 64 << 10;

table_row! {
    crate::Table::LogContent;
    /// One chunk. Text is UTF-8 and no chunk ends inside a character; a binary file's bytes are as they came.
    pub struct LogContent<'a> {
        /// Version: Unix ms.
        pub timestamp: i64,
        /// The log.
        pub log_id: u64,
        /// Number of the chunk, from 0.
        pub chunk: u32,
        /// At most [`CHUNK_BYTES`].
        pub text: &'a [u8],
    }
}

/// Writes chunks that follow one another, the first of which has the number `first`. The same again changes
/// nothing, and with a newer `timestamp` it replaces.
///
/// # Errors
/// [`StoreError::Insert`].
pub async fn write(
    db: &Clickhouse,
    log_id: u64,
    timestamp: i64,
    first: u32,
    chunks: &[&[u8]],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(chunks.iter().map(|text| text.len() + 32).sum());
    for (chunk, text) in (first..).zip(chunks) {
        LogContent {
            timestamp,
            log_id,
            chunk,
            text,
        }
        .encode(&mut rows);
    }
    let token = format!("log-{log_id}-{timestamp}-{first}");
    db.insert_rows(LogContent::TABLE, rows.into(), &token).await
}

/// The contents of `count` chunks from `first` on, joined. Ask for no more than there are
/// ([`super::log_file::LogFile::chunks`]).
///
/// # Errors
/// [`StoreError::Query`].
pub async fn read(db: &Clickhouse, log_id: u64, first: u32, count: u32) -> Result<Vec<u8>, StoreError> {
    let sql =
        "SELECT text FROM log_content FINAL WHERE log_id = ? AND chunk >= ? AND chunk < ? ORDER BY chunk";
    let query = db.client().query(sql);
    let query = query.bind(log_id).bind(first).bind(first.saturating_add(count));
    db.blob("a log's contents", query).await
}
