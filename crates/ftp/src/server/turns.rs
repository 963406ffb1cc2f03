//! Who writes a file: the connection that came last. A pile whose connection hangs comes with another one and need
//! not wait until the first is noticed; what the first still has to say no longer reaches the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

/// All files that are being written.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<PathBuf, Weak<AsyncMutex<u64>>>>);

/// A connection's turn at a file.
#[derive(Debug)]
pub(crate) struct Turn {
    last: Arc<AsyncMutex<u64>>,
    mine: u64,
}

impl Turns {
    /// The newest turn at the file.
    pub(crate) async fn take(&self, file: &Path) -> Turn {
        let last = self.of(file);
        let mut number = last.lock().await;
        *number += 1;
        let mine = *number;
        drop(number);
        Turn { last, mine }
    }

    fn of(&self, file: &Path) -> Arc<AsyncMutex<u64>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = files.get(file).and_then(Weak::upgrade) {
            return last;
        }
        files.retain(|_, last| last.strong_count() > 0);
        let last = Arc::default();
        files.insert(file.to_owned(), Arc::downgrade(&last));
        last
    }
}

impl Turn {
    /// Nobody else writes while this is held; none if somebody has come since.
    pub(crate) async fn hold(&self) -> Option<MutexGuard<'_, u64>> {
        let last = self.last.lock().await;
        (*last == self.mine).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_one_writes() {
        let turns = Turns::default();
        let (file, other) = (Path::new("a"), Path::new("b"));
        let first = turns.take(file).await;
        assert!(first.hold().await.is_some());
        let second = turns.take(file).await;
        assert!(first.hold().await.is_none() && second.hold().await.is_some());
        let elsewhere = turns.take(other).await;
        assert!(second.hold().await.is_some() && elsewhere.hold().await.is_some());
        drop((first, second));
        turns.take(Path::new("c")).await;
        assert_eq!(turns.0.lock().unwrap().len(), 2);
    }
}
