//! Where libchdb.so is looked for.

use std::path::{Path, PathBuf};

use crate::ffi::Chdb;

/// Names the file outright.
const VARIABLE: &str = "OPS_LIBCHDB";

/// Where `make setup` installs it, below the project's or the installation's folder.
const INSTALLED: &str = if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    ".engines/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
} else if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    ".engines/node_modules/@chdb/lib-linux-arm64-gnu/libchdb.so"
} else if cfg!(target_arch = "aarch64") {
    ".engines/node_modules/@chdb/lib-darwin-arm64/libchdb.so"
} else {
    ".engines/node_modules/@chdb/lib-darwin-x64/libchdb.so"
};

/// Why the library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// It is in none of the places.
    #[error(
        "libchdb.so is not installed (looked at {VARIABLE}, and for {INSTALLED} above {0}) - run: make setup"
    )]
    Missing(String),
    /// The file is there and is not this library.
    #[error("{} does not load - run: make setup", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// The loader's reason.
        #[source]
        source: libloading::Error,
    },
}

/// Finds and loads the library.
pub(crate) fn load() -> Result<Chdb, LibraryError> {
    let path = find()?;
    tracing::debug!(path = %path.display(), "loading the engine");
    Chdb::load(&path).map_err(|source| LibraryError::Load { path, source })
}

fn find() -> Result<PathBuf, LibraryError> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(named.into());
    }
    let here = std::env::current_dir().ok();
    let beside = std::env::current_exe().ok();
    let starts: Vec<&Path> = here.iter().chain(beside.iter()).map(PathBuf::as_path).collect();
    starts.iter().find_map(|start| upward(start)).ok_or_else(|| {
        let places: Vec<_> = starts.iter().map(|start| start.display().to_string()).collect();
        LibraryError::Missing(places.join(" and "))
    })
}

/// The first folder above `start`, itself included, that holds the library.
fn upward(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .map(|folder| folder.join(INSTALLED))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_in_a_folder_above() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(INSTALLED);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, b"").unwrap();
        assert_eq!(upward(&root.path().join("target/debug")), Some(file));
        assert_eq!(upward(Path::new("/proc/self")), None);
    }
}
