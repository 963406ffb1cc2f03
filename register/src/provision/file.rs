//! Files that only their owner may read, replaced whole.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// For the owner only: passwords, or their hashes.
const OWNER_ONLY: u32 = 0o600;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub struct FileError {
    /// What was attempted.
    pub action: &'static str,
    /// On which file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub source: io::Error,
}

impl FileError {
    pub(super) fn new(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { action, path, source }
    }
}

/// Writes `value` to `path`; whoever reads sees the old file or the new one, never half of it.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FileError> {
    let aside = path.with_extension("new");
    let write = || {
        // One that is left over may be open to others.
        let _ = fs::remove_file(&aside);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(&aside)?;
        let mut writer = BufWriter::new(file);
        serde_json::to_writer_pretty(&mut writer, value)?;
        writer.write_all(b"\n")?;
        writer.into_inner()?.sync_all()?;
        fs::rename(&aside, path)
    };
    write().map_err(FileError::new("write", path))
}

/// Takes the rights of others away, if they have any.
pub(super) fn close_to_others(path: &Path) -> Result<(), FileError> {
    let close = || {
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 == 0 {
            return Ok(());
        }
        fs::set_permissions(path, fs::Permissions::from_mode(OWNER_ONLY))
    };
    close().map_err(FileError::new("protect", path))
}
