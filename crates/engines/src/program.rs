//! Where a program of the system is.

use std::path::{Path, PathBuf};

/// Places of daemons that are not on every user's PATH.
const DAEMONS: &[&str] = &["/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/sbin"];

/// The program's file, from PATH or the usual places of daemons.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(DAEMONS.iter().map(PathBuf::from));
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The last lines of a log, as one line.
pub(crate) fn tail(log: &Path) -> String {
    let text = std::fs::read(log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(3)..].join(" | ");
    if last.is_empty() {
        "it left no word".to_owned()
    } else {
        last
    }
}
