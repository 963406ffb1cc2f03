//! Mode `open`: piles already in the field come in without a password until they have been moved, and are counted.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use protocol::Uuid;

use super::OpenAccess;

/// A warning at most this often, with how many there were.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// The open door.
pub(super) struct OpenDoor {
    before: String,
    after: String,
    counts: OpenAccess,
    warned: Mutex<(Option<Instant>, u64)>,
}

impl OpenDoor {
    /// `pattern` has `{uuid}` once, as the configuration was checked for.
    pub(super) fn new(pattern: &str, counts: OpenAccess) -> Self {
        let (before, after) = pattern.split_once("{uuid}").unwrap_or(("", ""));
        Self {
            before: before.to_owned(),
            after: after.to_owned(),
            counts,
            warned: Mutex::new((None, 0)),
        }
    }

    /// The uuid that a client without a password claims: by its name, or else by its client id.
    pub(super) fn uuid_of(&self, username: &str, client_id: &str) -> Option<Uuid> {
        if !username.is_empty() {
            return Uuid::parse(username).ok();
        }
        let middle = client_id.strip_prefix(self.before.as_str())?;
        Uuid::parse(middle.strip_suffix(self.after.as_str())?).ok()
    }

    /// One came in.
    pub(super) fn count(&self, uuid: Uuid, client_id: &str, address: &str, now: i64) {
        self.counts.count(uuid, client_id, address, now);
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        warned.1 += 1;
        if warned.0.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
            tracing::warn!(%uuid, client_id, address, since_last_warning = warned.1, "let in without a password");
            *warned = (Some(Instant::now()), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_counts_before_the_client_id() {
        let door = |pattern| OpenDoor::new(pattern, OpenAccess::new());
        let uuid = Uuid::parse("AAAAALFW").ok();
        assert_eq!(door("{uuid}").uuid_of("AAAAALFW", "x"), uuid);
        assert_eq!(door("{uuid}").uuid_of("", "AAAAALFW"), uuid);
        assert_eq!(door("tcu-{uuid}-1").uuid_of("", "tcu-AAAAALFW-1"), uuid);
        // A name that is no uuid is somebody else.
        assert_eq!(door("{uuid}").uuid_of("staff", "AAAAALFW"), None);
        for client_id in ["", "AAAAALF", "tcu-AAAAALFW", "tcu--1", "tcu-1", "AAAAALFWx"] {
            assert_eq!(door("tcu-{uuid}-1").uuid_of("", client_id), None, "{client_id}");
        }
    }
}
