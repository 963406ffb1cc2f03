//! What a listing says of a file or a folder.

use std::time::SystemTime;

use unftp_core::storage::{Error, ErrorKind, Metadata, Permissions};

/// A file or a folder as a pile sees it: no owner, no links.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Size; none: a folder.
    pub(crate) bytes: Option<u64>,
    pub(crate) modified: Option<SystemTime>,
    pub(crate) writable: bool,
}

impl Seen {
    pub(crate) const FOLDER: Self = Self {
        bytes: None,
        modified: None,
        writable: false,
    };
}

impl Metadata for Seen {
    fn len(&self) -> u64 {
        self.bytes.unwrap_or(0)
    }
    fn is_dir(&self) -> bool {
        self.bytes.is_none()
    }
    fn is_file(&self) -> bool {
        self.bytes.is_some()
    }
    fn is_symlink(&self) -> bool {
        false
    }
    fn modified(&self) -> Result<SystemTime, Error> {
        self.modified
            .ok_or_else(|| ErrorKind::CommandNotImplemented.into())
    }
    fn gid(&self) -> u32 {
        0
    }
    fn uid(&self) -> u32 {
        0
    }
    fn permissions(&self) -> Permissions {
        Permissions(match (self.bytes, self.writable) {
            (None, _) => 0o555,
            (Some(_), false) => 0o444,
            (Some(_), true) => 0o222,
        })
    }
}
