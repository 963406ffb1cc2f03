//! Lines in the log about what anybody may cause: one a second, with how many were passed over.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    /// How many were passed over since the last line, if there may be one now.
    pub(super) fn may(&self) -> Option<u64> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, passed_over) = &mut *inner;
        if last.is_some_and(|at| at.elapsed() < EVERY) {
            *passed_over += 1;
            return None;
        }
        *last = Some(Instant::now());
        Some(std::mem::take(passed_over))
    }
}
