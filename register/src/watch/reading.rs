//! From when on logins are read again, so that none is missed: rows reach the database a little later than they
//! were received, and hours later when the database was away.

/// Rows of the last minute may still be on their way; looked at with every read.
const OVERLAP_MS: i64 = 60_000;
/// Some take longer: looked at once a minute, and after an outage from its beginning.
const DEEP_MS: i64 = 600_000;
const DEEP_EVERY_MS: i64 = 60_000;

/// Where reading has got to. Times are Unix ms.
#[derive(Debug)]
pub(super) struct Reading {
    /// When the last read that succeeded began.
    last: i64,
    last_deep: i64,
    /// The last outage, and until when its rows may still come.
    outage: Option<(i64, i64)>,
}

impl Reading {
    /// Begins with what was received since `from`.
    pub(super) fn new(from: i64) -> Self {
        Self {
            last: from + OVERLAP_MS,
            last_deep: from,
            outage: None,
        }
    }

    /// From when on to read now.
    pub(super) fn since(&self, now: i64) -> i64 {
        let mut since = self.last.min(now) - OVERLAP_MS;
        if now - self.last_deep >= DEEP_EVERY_MS {
            since = since.min(now - DEEP_MS);
            if let Some((from, _)) = self.outage.filter(|(_, until)| now < *until) {
                since = since.min(from - OVERLAP_MS);
            }
        }
        since
    }

    /// A read that began `now` has succeeded.
    pub(super) fn read(&mut self, now: i64) {
        if now - self.last >= DEEP_MS {
            self.outage = Some((self.last, now + DEEP_MS));
        }
        if now - self.last_deep >= DEEP_EVERY_MS {
            self.last_deep = now;
        }
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn it_begins_where_it_is_told_to() {
        let start = 100 * MINUTE;
        let reading = Reading::new(start - 60 * MINUTE);
        assert_eq!(reading.since(start), start - 60 * MINUTE);
    }

    #[test]
    fn every_read_overlaps_and_some_go_deep() {
        let mut reading = Reading::new(0);
        let mut now = 1_000_000_000;
        reading.read(now);
        let mut deep = 0;
        for _ in 0..200 {
            now += 2_000;
            let since = reading.since(now);
            assert!(since <= now - OVERLAP_MS);
            deep += usize::from(since <= now - DEEP_MS);
            reading.read(now);
        }
        assert!(
            (6..=7).contains(&deep),
            "once a minute in 400 seconds, and not always: {deep}"
        );
    }

    #[test]
    fn an_outage_is_read_from_its_beginning_for_a_while() {
        let mut reading = Reading::new(0);
        let fell = 1_000 * MINUTE;
        reading.read(fell);
        let back = fell + 180 * MINUTE;
        assert!(reading.since(back) <= fell - MINUTE);
        reading.read(back);
        assert!(reading.since(back + 5 * MINUTE) <= fell - MINUTE, "still drained");
        reading.read(back + 5 * MINUTE);
        let later = back + 20 * MINUTE;
        assert!(reading.since(later) >= back - 10 * MINUTE, "no longer");
    }
}
