//! `firmware_chunk`: what firmware packages contain. ClickHouse is the one place where packages are kept, so that
//! services need no folder in common.

use crate::{Clickhouse, Record, StoreError, rowbinary::table_row};

/// Bytes of every chunk but the last.
pub const CHUNK_BYTES: usize = 256 << 10;

table_row! {
    crate::Table::FirmwareChunk;
    /// One chunk; never changed.
    pub struct FirmwareChunk<'a> {
        /// The package.
        pub package_id: u64,
        /// Number of the chunk, from 0.
        pub chunk: u32,
        /// [`CHUNK_BYTES`], the last one less.
        pub content: &'a [u8],
    }
}

/// How many chunks a file of `bytes` has.
pub const fn chunks_of(bytes: u64) -> u32 {
    bytes.div_ceil(CHUNK_BYTES as u64) as u32
}

/// Writes what begins at chunk `first`: a multiple of [`CHUNK_BYTES`], or with the end of the file less; at most
/// a few MiB at once. The same again changes nothing.
///
/// # Errors
/// [`StoreError::Insert`].
pub async fn write(db: &Clickhouse, package_id: u64, first: u32, content: &[u8]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(content.len() + content.len() / 1024 + 32);
    for (chunk, content) in (first..).zip(content.chunks(CHUNK_BYTES)) {
        FirmwareChunk {
            package_id,
            chunk,
            content,
        }
        .encode(&mut rows);
    }
    let token = format!("firmware-{package_id}-{first}");
    db.insert_rows(FirmwareChunk::TABLE, rows.into(), &token).await
}

/// The contents of `count` chunks from `first` on, joined; less at the end of the file.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn read(db: &Clickhouse, package_id: u64, first: u32, count: u32) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT content FROM firmware_chunk FINAL WHERE package_id = ? AND chunk >= ? AND chunk < ? \
               ORDER BY chunk";
    let query = db.client().query(sql);
    let query = query
        .bind(package_id)
        .bind(first)
        .bind(first.saturating_add(count));
    db.blob("a package's contents", query).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_chunk_may_be_short() {
        for (bytes, chunks) in [(0, 0), (1, 1), (262_144, 1), (262_145, 2), (5 << 20, 20)] {
            assert_eq!(chunks_of(bytes), chunks, "{bytes}");
        }
    }
}
