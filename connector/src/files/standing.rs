//! What the embedded server has stored lately, for the room that waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Files that were written to their end, as far as the connection said, by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored(Arc<Mutex<HashMap<String, (u64, Instant)>>>);

impl Stored {
    fn files(&self) -> std::sync::MutexGuard<'_, HashMap<String, (u64, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has been stored, with so many bytes.
    pub(crate) fn note(&self, path: String, bytes: u64) {
        self.files().insert(path, (bytes, Instant::now()));
    }

    /// How many bytes it had, and when that was.
    pub(crate) fn of(&self, path: &str) -> Option<(u64, Instant)> {
        self.files().get(path).copied()
    }

    /// Nobody waits for it any more.
    pub(crate) fn forget(&self, path: &str) {
        self.files().remove(path);
    }
}
