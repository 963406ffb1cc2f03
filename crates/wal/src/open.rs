//! Opening a log folder: lock it, find the segments an earlier process left, cut torn ends off.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tracing::{info, warn};

use crate::WalError;
use crate::frame::FrameError;
use crate::segment::{Loaded, Segment};
use crate::writer::Gauge;

pub(crate) const SUFFIX: &str = ".wal";

/// A locked log folder and what was found in it.
#[derive(Debug)]
pub struct Opened {
    /// A name of this folder that no other has; prefixes deduplication tokens.
    pub id: String,
    /// Segments that an earlier process left, oldest first: durable, but not yet drained.
    pub segments: Vec<Segment>,
    /// The number that the next new segment gets.
    pub(crate) next: u64,
    pub(crate) gauge: Arc<Gauge>,
    /// Held for as long as the log is in use.
    pub(crate) lock: File,
}

impl Opened {
    /// How much lies in the folder, now and while it is written and drained.
    pub fn gauge(&self) -> Arc<Gauge> {
        self.gauge.clone()
    }
}

/// Opens the log folder `dir`, making it if need be.
///
/// A frame that a crash cut short at a segment's end is cut off: it was never committed, so nobody
/// was told that it was. Damage anywhere else is kept in a file beside it (`….damaged`) and logged.
///
/// # Errors
/// [`WalError::InUse`] if another process has it open, else what the file system said.
pub fn open(dir: &Path) -> Result<Opened, WalError> {
    let folder = |source| WalError::Folder {
        path: dir.to_owned(),
        source,
    };
    fs::create_dir_all(dir).map_err(folder)?;
    let lock = File::create(dir.join("lock")).map_err(folder)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(WalError::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(folder(source)),
    }
    let (id, floor) = identity(dir).map_err(folder)?;
    let gauge = Arc::new(Gauge::default());
    let mut segments = Vec::new();
    for (number, path) in list(dir).map_err(folder)? {
        let failed = |source| WalError::Segment {
            path: path.clone(),
            source,
        };
        let bytes = mend(&path).map_err(failed)?;
        gauge.added(bytes);
        segments.push(Segment::new(path.clone(), number, bytes, gauge.clone()));
    }
    // A number must never be used twice, also after the folder was drained empty: a database that
    // remembers tokens would take the new segment for the old one.
    let next = segments.last().map_or(floor, |s| floor.max(s.number() + 1));
    Ok(Opened {
        id,
        segments,
        next,
        gauge,
        lock,
    })
}

/// Records that segment numbers below `next` are taken.
pub(crate) fn reserve(dir: &Path, id: &str, next: u64) -> io::Result<()> {
    let tmp = dir.join("identity.tmp");
    let mut file = File::create(&tmp)?;
    writeln!(file, "{id} {next}")?;
    file.sync_all()?;
    fs::rename(tmp, dir.join("identity"))?;
    sync_folder(dir)
}

/// Makes names created, renamed or removed in `dir` durable.
pub(crate) fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn identity(dir: &Path) -> io::Result<(String, u64)> {
    match fs::read_to_string(dir.join("identity")) {
        Ok(text) => {
            let mut words = text.split_whitespace();
            let id = words
                .next()
                .ok_or_else(|| io::Error::other("the file `identity` is empty"))?;
            let next = words.next().and_then(|n| n.parse().ok());
            Ok((
                id.to_owned(),
                next.ok_or_else(|| io::Error::other("the file `identity` has no number"))?,
            ))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            // The standard library's hasher keys are random per process: enough for a name.
            let id = format!("{:016x}", RandomState::new().hash_one(dir));
            reserve(dir, &id, 1)?;
            Ok((id, 1))
        }
        Err(e) => Err(e),
    }
}

fn list(dir: &Path) -> io::Result<Vec<(u64, std::path::PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let number = name.strip_prefix("segment-").and_then(|n| n.strip_suffix(SUFFIX));
        if let Some(number) = number.and_then(|n| n.parse().ok()) {
            found.push((number, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Cuts what is not whole off the end of a segment; gives the length that is left.
fn mend(path: &Path) -> io::Result<u64> {
    let bytes = fs::read(path)?;
    let length = bytes.len() as u64;
    let loaded = Loaded::from(bytes);
    let (whole, error) = loaded.whole();
    match error {
        None => return Ok(length),
        Some(FrameError::Torn) => {
            info!(path = %path.display(), cut = length - whole, "cut an uncommitted end off a log segment");
        }
        Some(FrameError::Damaged) => {
            let kept = path.with_extension("damaged");
            fs::copy(path, &kept)?;
            warn!(path = %path.display(), at = whole, kept = %kept.display(),
                "log segment is damaged; what stands before is used, the whole is kept");
        }
    }
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(whole)?;
    file.sync_all()?;
    Ok(whole)
}
