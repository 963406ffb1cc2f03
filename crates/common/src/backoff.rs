//! Waiting between retries: exponential, capped, with full jitter, so that a fleet of retries does not
//! arrive in step. Own code because `backon` adds its jitter on top of the delay instead of drawing from it.

use std::time::Duration;

/// The delays between one series of retries.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    ceiling: Duration,
}

impl Backoff {
    /// A series whose ceiling starts at `first` and doubles up to `cap`.
    pub fn new(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            ceiling: first.min(cap),
        }
    }

    /// The next delay: uniform between nothing and the ceiling, which then doubles.
    pub fn next_delay(&mut self) -> Duration {
        let delay = self.ceiling.mul_f64(rand::random::<f64>());
        self.ceiling = self.ceiling.saturating_mul(2).min(self.cap);
        delay
    }

    /// Starts the series again, after a success.
    pub fn reset(&mut self) {
        self.ceiling = self.first.min(self.cap);
    }

    /// Waits for [`Self::next_delay`].
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.next_delay()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_below_a_ceiling_that_doubles_up_to_the_cap() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(100), ms(350));
        for ceiling in [100, 200, 350, 350] {
            assert_eq!(backoff.ceiling, ms(ceiling));
            assert!(backoff.next_delay() <= ms(ceiling));
        }
        backoff.reset();
        assert_eq!(backoff.ceiling, ms(100));
    }

    #[test]
    fn delays_are_spread() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(1));
        let delays: std::collections::HashSet<_> = (0..50).map(|_| backoff.next_delay()).collect();
        assert!(delays.len() > 40);
    }
}
