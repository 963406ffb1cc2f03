//! How many messages a connection may send by now.

use std::time::Instant;

/// A steady rate. What an outage kept from being sent is not caught up in a burst: every connection starts anew.
#[derive(Debug)]
pub(super) struct Pace {
    per_second: Option<f64>,
    since: Instant,
    spent: u64,
}

impl Pace {
    /// `None` is without limit.
    pub(super) fn new(per_second: Option<f64>) -> Self {
        Self {
            per_second,
            since: Instant::now(),
            spent: 0,
        }
    }

    /// Messages that may go now.
    pub(super) fn allowance(&self) -> u64 {
        let Some(rate) = self.per_second else {
            return u64::MAX;
        };
        ((self.since.elapsed().as_secs_f64() * rate) as u64).saturating_sub(self.spent)
    }

    pub(super) fn spend(&mut self) {
        self.spent += 1;
    }
}
