//! From a file that lies somewhere to rows: brought here if it is elsewhere, read twice, removed.

use std::path::{Path, PathBuf};

use ftp::OpsPath;
use ring::digest::{Context, SHA256};
use store::table::log_content;
use store::table::log_file::LogFile;
use store::versioned::now;
use store::{Clickhouse, StoreError};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncReadExt as _;

use super::charset::Detector;
use super::text::Chunker;
use crate::files::{Files, FilesError};

/// Read from the file at once.
const BLOCK_BYTES: usize = 256 << 10;
/// Chunks inserted at once: 1 MiB.
const AT_ONCE: usize = 16;

/// Why a log is not collected.
#[derive(Debug, thiserror::Error)]
pub(super) enum CollectError {
    /// It should be there.
    #[error("FTP服务器上没有该日志文件")]
    Absent,
    /// It is not what the pile sent.
    #[error("日志不完整: 桩报告{said}字节, 收到{came}字节")]
    Truncated { said: u64, came: u64 },
    /// The way here.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// ClickHouse.
    #[error("日志无法入库: {0}")]
    Store(#[from] StoreError),
}

impl CollectError {
    /// Whether it is the file itself: who says that it is there may be faster than what carries it, but not by much.
    pub(super) fn is_of_file(&self) -> bool {
        matches!(self, Self::Absent | Self::Truncated { .. })
    }

    /// Whether trying again may help.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Absent | Self::Truncated { .. } => true,
            Self::Files(FilesError::Ftp(error)) => error.is_temporary(),
            Self::Files(_) => true,
            Self::Store(error) => error.failure() == store::Failure::Temporary,
        }
    }
}

impl From<std::io::Error> for CollectError {
    fn from(error: std::io::Error) -> Self {
        Self::Files(error.into())
    }
}

/// Fills in what `log` turned out to be; its rows are in ClickHouse when this returns. May be repeated.
pub(super) async fn collect(files: &Files, log: &mut LogFile, path: &OpsPath) -> Result<(), CollectError> {
    let file = here(files, log, path).await?;
    let bytes = fs::metadata(&file).await.map_err(absent)?.len();
    log.collected_bytes = bytes;
    if log.bytes > 0 && log.bytes != bytes {
        return Err(CollectError::Truncated {
            said: log.bytes,
            came: bytes,
        });
    }
    let (detector, sha256) = examine(&file).await?;
    let charset = detector.verdict();
    log.sha256 = sha256;
    log.charset = charset.name().to_owned();
    (log.chunks, log.text_bytes) = write(&files.db, log.log_id, &file, Chunker::new(charset)).await?;
    Ok(())
}

fn absent(error: std::io::Error) -> CollectError {
    match error.kind() {
        std::io::ErrorKind::NotFound => CollectError::Absent,
        _ => error.into(),
    }
}

/// The local file: the embedded server's own, or a copy that is taken up where it ended.
async fn here(files: &Files, log: &LogFile, path: &OpsPath) -> Result<PathBuf, CollectError> {
    if files.is_embedded() {
        return Ok(files.upload(path));
    }
    let copy = copy(files, log.log_id);
    if let Some(folder) = copy.parent() {
        fs::create_dir_all(folder).await?;
    }
    let mut options = OpenOptions::new();
    let mut to = options.append(true).create(true).open(&copy).await?;
    let mut have = to.metadata().await?.len();
    let path = path.to_string();
    let mut client = files.client().await.map_err(FilesError::from)?;
    let size = client.size(&path).await.map_err(FilesError::from)?;
    let size = size.ok_or(CollectError::Absent)?;
    if have > size {
        // Another one than the copy was begun of.
        to.set_len(0).await?;
        have = 0;
    }
    if have < size {
        let most = files.config.log_file.largest.as_u64().saturating_sub(have);
        let brought = client.download(&path, have, most, &mut to).await;
        brought.map_err(FilesError::from)?;
    }
    client.quit().await;
    Ok(copy)
}

/// Where the copy of a log lies that is on somebody else's server.
fn copy(files: &Files, log_id: u64) -> PathBuf {
    files
        .config
        .ftp
        .folder
        .join("logs")
        .join(format!("{log_id}.part"))
}

/// Removes the copy.
pub(super) async fn forget(files: &Files, log_id: u64) -> std::io::Result<()> {
    crate::files::remove(&copy(files, log_id)).await
}

async fn examine(file: &Path) -> std::io::Result<(Detector, String)> {
    let (mut detector, mut sha256) = (Detector::new(), Context::new(&SHA256));
    let mut from = File::open(file).await?;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = from.read(&mut block).await?;
        if read == 0 {
            return Ok((detector, hex::encode(sha256.finish())));
        }
        detector.push(&block[..read]);
        sha256.update(&block[..read]);
    }
}

/// Gives the number of chunks and of their bytes.
async fn write(
    db: &Clickhouse,
    log_id: u64,
    file: &Path,
    mut chunker: Chunker,
) -> Result<(u32, u64), CollectError> {
    let timestamp = now();
    let mut from = File::open(file).await?;
    let mut block = vec![0; BLOCK_BYTES];
    let (mut waiting, mut chunks, mut bytes) = (Vec::new(), 0_u32, 0);
    loop {
        let read = from.read(&mut block).await?;
        waiting.extend(chunker.push(&block[..read], read == 0));
        if waiting.len() >= AT_ONCE || (read == 0 && !waiting.is_empty()) {
            let texts: Vec<&[u8]> = waiting.iter().map(Vec::as_slice).collect();
            log_content::write(db, log_id, timestamp, chunks, &texts).await?;
            chunks += waiting.len() as u32;
            bytes += waiting.iter().map(|text| text.len() as u64).sum::<u64>();
            waiting.clear();
        }
        if read == 0 {
            return Ok((chunks, bytes));
        }
    }
}
