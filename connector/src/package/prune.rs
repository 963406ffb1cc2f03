//! Local copies that nobody needs any more go: what is fetched again is brought again.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::fs;
use tracing::warn;

/// A copy that was not used for so long goes …
const OLD: Duration = Duration::from_secs(7 * 24 * 3600);
/// … and of more than so many the ones that were used longest ago …
const MOST: usize = 20;
/// … but none that may just be on its way to a pile, or is being brought.
const YOUNG: Duration = Duration::from_secs(3600);

/// A copy, and how long ago it was used.
type Aged = (PathBuf, Duration);

/// Notes that a copy is used, in its time of modification. That is noted once in a while: it is asked for by every
/// pile.
pub(super) fn note_use(file: &Path, modified: SystemTime) {
    let since = modified.elapsed().unwrap_or_default();
    if since < YOUNG / 4 {
        return;
    }
    let opened = std::fs::OpenOptions::new().append(true).open(file);
    if let Err(error) = opened.and_then(|file| file.set_modified(SystemTime::now())) {
        warn!(file = %file.display(), %error, "it cannot be noted that a package is used; it may be brought again");
    }
}

/// Removes what is not needed from the folder of the copies. What cannot be removed stays for the next time.
pub(super) async fn prune(folder: &Path) {
    match aged(folder).await {
        Ok(copies) => {
            for copy in surplus(copies) {
                if let Err(error) = crate::files::remove(&copy).await {
                    warn!(file = %copy.display(), %error, "the copy of a package cannot be removed");
                }
            }
        }
        Err(error) => warn!(%error, "nobody can say which copies of packages are old"),
    }
}

async fn aged(folder: &Path) -> io::Result<Vec<Aged>> {
    let mut entries = fs::read_dir(folder).await?;
    let mut copies = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let about = entry.metadata().await?;
        if about.is_file() {
            copies.push((entry.path(), about.modified()?.elapsed().unwrap_or_default()));
        }
    }
    Ok(copies)
}

/// What is to go.
fn surplus(mut copies: Vec<Aged>) -> Vec<PathBuf> {
    copies.sort_by_key(|(_, age)| *age);
    let goes = |nth: usize, age: Duration| age >= OLD || (nth >= MOST && age >= YOUNG);
    let copies = copies.into_iter().enumerate();
    copies
        .filter(|(nth, (_, age))| goes(*nth, *age))
        .map(|(_, (file, _))| file)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn copies(hours: impl IntoIterator<Item = u64>) -> Vec<Aged> {
        let aged = |(nth, hours): (u32, u64)| {
            let age = Duration::from_secs(hours * HOUR);
            (PathBuf::from(nth.to_string()), age)
        };
        (0..).zip(hours).map(aged).collect()
    }

    #[test]
    fn what_is_old_or_too_much_goes_and_what_is_in_use_stays() {
        assert_eq!(surplus(copies([1, 24 * 7, 3])), [PathBuf::from("1")]);
        assert!(surplus(copies(0..20)).is_empty());
        assert_eq!(surplus(copies((0..22).rev())).len(), 2);
        assert!(surplus(copies([0; 40])).is_empty());
    }

    #[tokio::test]
    async fn what_is_used_is_young_again() {
        let folder = tempfile::tempdir().unwrap();
        let (used, unused) = (folder.path().join("1.bin"), folder.path().join("2.bin"));
        let long_ago = SystemTime::now() - 2 * OLD;
        for file in [&used, &unused] {
            std::fs::write(file, b"abc").unwrap();
            let open = std::fs::OpenOptions::new().append(true).open(file).unwrap();
            open.set_modified(long_ago).unwrap();
        }
        note_use(&used, long_ago);
        prune(folder.path()).await;
        assert!(used.exists() && !unused.exists());
        assert_eq!(std::fs::read(&used).unwrap(), b"abc");
    }
}
