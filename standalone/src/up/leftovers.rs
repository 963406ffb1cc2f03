//! Children of a `pile-ops up` that was killed. The kernel has told them to end; they may still be saving.

use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use super::terminal::say;
use crate::run_file::RunFile;

/// Longer than any engine takes to save.
const PATIENCE: Duration = Duration::from_secs(30);
const EVERY: Duration = Duration::from_millis(50);

/// Waits until those named in the run file at `path` are gone, then removes the file.
pub(super) async fn wait(path: &Path) -> io::Result<()> {
    let Ok(last) = RunFile::read(path) else {
        return fs::remove_file(path);
    };
    let deadline = Instant::now() + PATIENCE;
    let mut told = false;
    while Instant::now() < deadline {
        let alive: Vec<_> = alive(&last).collect();
        if alive.is_empty() {
            break;
        }
        if !told {
            say(format_args!(
                "waiting for the end of what a killed pile-ops has left: {}",
                alive.join(", ")
            ));
            told = true;
        }
        tokio::time::sleep(EVERY).await;
    }
    fs::remove_file(path)
}

fn alive(last: &RunFile) -> impl Iterator<Item = String> {
    last.services.iter().filter_map(|(name, life)| {
        let pid = life.pid?;
        // The number may belong to somebody else by now, or to a zombie that nobody will ever await.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let runs = stat
            .split_once(&format!("({name}) "))
            .is_some_and(|(_, rest)| !rest.starts_with('Z'));
        runs.then(|| format!("{name} (pid {pid})"))
    })
}
