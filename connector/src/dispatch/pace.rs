//! No more than so many a second, without bursts: each caller gets the next free moment.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Shared by everybody whom it limits.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    /// The next moment that nobody has.
    next: Mutex<Instant>,
}

impl Pace {
    /// So many a second, at least one.
    pub fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second.max(1),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits for a moment of its own. One that is waited for and given up is lost to the others.
    pub async fn turn(&self) {
        let at = self.book(Instant::now());
        sleep_until(at).await;
    }

    fn book(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        // A timer's grain is a millisecond: what was missed by less is made up for.
        let at = (*next).max(now.checked_sub(Duration::from_millis(5)).unwrap_or(now));
        *next = at + self.gap;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_a_gap_apart_and_what_was_not_used_is_gone() {
        let pace = Pace::new(100);
        let start = Instant::now() + Duration::from_secs(1);
        let moments: Vec<_> = (0..50).map(|_| pace.book(start)).collect();
        let gap = Duration::from_millis(10);
        assert!(moments.windows(2).all(|pair| pair[1] - pair[0] == gap));
        let later = start + Duration::from_secs(60);
        assert!(pace.book(later) >= later - gap);
        assert!(pace.book(later) > later - gap);
    }
}
