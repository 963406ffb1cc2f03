//! One process per data folder: the engine itself would only say "cannot connect".

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

const LOCK: &str = "chdbd.lock";

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Another process has it.
    #[error("the data folder {} is in use by process {holder}: stop it, or choose another --path", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The process id that the holder wrote down.
        holder: String,
    },
    /// It cannot be created or written.
    #[error("the data folder {} cannot be used", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}

/// Holds the folder until dropped; the system lets go of the lock when the process dies, however it dies.
#[derive(Debug)]
pub(crate) struct DataFolder {
    /// Absolute, because the engine is given it as an argument.
    pub(crate) path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates and locks the folder.
    pub(crate) fn open(path: &Path) -> Result<Self, DataFolderError> {
        let io = |source| DataFolderError::Io {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(path).map_err(io)?;
        let path_found = path.canonicalize().map_err(io)?;
        let mut lock = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path_found.join(LOCK))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                lock.read_to_string(&mut holder).map_err(io)?;
                return Err(DataFolderError::InUse {
                    path: path.to_owned(),
                    holder: holder.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        lock.set_len(0).and_then(|()| lock.rewind()).map_err(io)?;
        writeln!(lock, "{}", std::process::id()).map_err(io)?;
        Ok(Self {
            path: path_found,
            _lock: lock,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_use_is_refused_and_names_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let held = DataFolder::open(folder.path()).unwrap();
        let refused = DataFolder::open(folder.path()).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("in use by process {}", std::process::id())),
            "{refused}"
        );
        drop(held);
        DataFolder::open(folder.path()).unwrap();
    }
}
