//! A closed segment: a file of frames that nobody writes any more, to be read, drained and removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::frame::{Frame, FrameError};
use crate::writer::Gauge;
use crate::{WalError, open};

/// First bytes of a segment; the last is the format's version.
pub(crate) const MAGIC: &[u8; 8] = b"OPSWAL\0\x01";

/// A closed segment on disk.
#[derive(Debug, Clone)]
pub struct Segment {
    path: PathBuf,
    number: u64,
    bytes: u64,
    gauge: Arc<Gauge>,
}

impl Segment {
    pub(crate) fn new(path: PathBuf, number: u64, bytes: u64, gauge: Arc<Gauge>) -> Self {
        Self {
            path,
            number,
            bytes,
            gauge,
        }
    }

    /// Its number; rises by one from segment to segment and is never used again in a folder.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its size on disk in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole segment into memory (bounded by the writer's segment size and one batch).
    ///
    /// # Errors
    /// [`WalError::Segment`] if the file cannot be read.
    pub fn load(&self) -> Result<Loaded, WalError> {
        fs::read(&self.path)
            .map(|bytes| Loaded { bytes })
            .map_err(|source| self.error(source))
    }

    /// Removes the segment once everything in it has reached its destination.
    ///
    /// # Errors
    /// [`WalError::Segment`] if the file cannot be removed.
    pub fn remove(self) -> Result<(), WalError> {
        match fs::remove_file(&self.path) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(self.error(source)),
        }
        self.gauge.removed(self.bytes);
        Ok(())
    }

    fn error(&self, source: io::Error) -> WalError {
        WalError::Segment {
            path: self.path.clone(),
            source,
        }
    }
}

/// A segment's contents in memory.
#[derive(Debug)]
pub struct Loaded {
    bytes: Vec<u8>,
}

impl Loaded {
    /// The frames in the order in which they were committed, up to the first that is not whole.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut at = MAGIC.len().min(self.bytes.len());
        std::iter::from_fn(move || {
            let (frame, length) = Frame::read(&self.bytes[at..]).ok()?;
            at += length;
            Some(frame)
        })
    }

    /// Where the whole frames end, and what stands there if it is not the end of the file.
    pub(crate) fn whole(&self) -> (u64, Option<FrameError>) {
        if !self.bytes.starts_with(MAGIC) {
            let error = if self.bytes.len() < MAGIC.len() {
                FrameError::Torn
            } else {
                FrameError::Damaged
            };
            return (0, Some(error));
        }
        let mut at = MAGIC.len();
        while at < self.bytes.len() {
            match Frame::read(&self.bytes[at..]) {
                Ok((_, length)) => at += length,
                Err(error) => return (at as u64, Some(error)),
            }
        }
        (at as u64, None)
    }
}

impl From<Vec<u8>> for Loaded {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

/// The file name of segment `number`.
pub(crate) fn file_name(number: u64) -> String {
    format!("segment-{number:016}{}", open::SUFFIX)
}
