//! When a child that ended is started again.

use std::time::Duration;

use common::{EXIT_BAD_CONFIG, backoff::Backoff};

const FIRST: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(15);
/// A child that lived this long had started well: its next failure is a new series.
const STEADY: Duration = Duration::from_secs(60);

/// What to do about a child that ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Start it again after this long.
    Restart(Duration),
    /// It would fail the same way for ever.
    GiveUp,
    /// It has done what it was asked to.
    Done,
}

/// The series of restarts of one child.
#[derive(Debug)]
pub struct Restarts(Backoff);

impl Default for Restarts {
    fn default() -> Self {
        Self(Backoff::new(FIRST, CAP))
    }
}

impl Restarts {
    /// Judges an end after `uptime` with `code` (none: killed by a signal). `endless` children are never done.
    pub fn judge(&mut self, uptime: Duration, code: Option<i32>, endless: bool) -> Verdict {
        match code {
            Some(code) if code == i32::from(EXIT_BAD_CONFIG) => return Verdict::GiveUp,
            Some(0) if !endless => return Verdict::Done,
            _ => {}
        }
        if uptime >= STEADY {
            self.0.reset();
        }
        Verdict::Restart(self.0.next_delay())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_configuration_is_not_tried_again() {
        let mut restarts = Restarts::default();
        assert_eq!(restarts.judge(Duration::ZERO, Some(64), true), Verdict::GiveUp);
    }

    #[test]
    fn only_a_child_with_an_end_may_be_done() {
        let mut restarts = Restarts::default();
        assert_eq!(restarts.judge(STEADY, Some(0), false), Verdict::Done);
        assert!(matches!(
            restarts.judge(STEADY, Some(0), true),
            Verdict::Restart(_)
        ));
    }

    #[test]
    fn the_first_restart_after_a_long_life_comes_soon() {
        let mut restarts = Restarts::default();
        for _ in 0..20 {
            let Verdict::Restart(delay) = restarts.judge(Duration::ZERO, Some(1), true) else {
                panic!()
            };
            assert!(delay <= CAP);
        }
        let Verdict::Restart(delay) = restarts.judge(STEADY, None, true) else {
            panic!()
        };
        assert!(delay <= FIRST);
    }
}
