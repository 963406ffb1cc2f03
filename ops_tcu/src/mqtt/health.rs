//! What readiness says about a connection.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The same complaint is not logged more often.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// Whether a connection serves, or why not. Shared between who drives it and who asks.
#[derive(Debug, Default)]
pub struct Health(Mutex<State>);

#[derive(Debug)]
enum State {
    Up,
    Down { why: String, said: Instant },
}

impl Default for State {
    fn default() -> Self {
        let (why, said) = ("not connected yet".to_owned(), Instant::now());
        Self::Down { why, said }
    }
}

impl Health {
    /// It serves.
    pub fn up(&self) {
        *self.state() = State::Up;
    }

    /// It does not; true if that is worth a line in the log, which a repetition is once a minute.
    pub fn down(&self, why: impl ToString) -> bool {
        let why = why.to_string();
        let mut state = self.state();
        let old = matches!(&*state, State::Down { why: before, said } if *before == why && said.elapsed() < SAY_AGAIN);
        if !old {
            let said = Instant::now();
            *state = State::Down { why, said };
        }
        !old
    }

    /// Whether it serves.
    pub fn is_up(&self) -> bool {
        matches!(&*self.state(), State::Up)
    }

    /// Why it does not serve, if so.
    pub fn complaint(&self) -> Option<String> {
        match &*self.state() {
            State::Up => None,
            State::Down { why, .. } => Some(why.clone()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A word is written whole or not at all, whoever panicked.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_kept_until_it_is_mended_and_said_once() {
        let health = Health::default();
        assert_eq!(health.complaint().as_deref(), Some("not connected yet"));
        assert!(health.down("refused"));
        assert!(!health.down("refused"));
        assert!(health.down("gone"));
        assert_eq!(health.complaint().as_deref(), Some("gone"));
        health.up();
        assert_eq!(health.complaint(), None);
        assert!(health.down("gone"));
    }
}
