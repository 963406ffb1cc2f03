//! How many connections one account has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

type Counts = Arc<Mutex<HashMap<String, usize>>>;

/// All accounts that are signed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Counts);

/// One connection's; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    user: String,
    counts: Counts,
}

impl Seats {
    /// A seat, unless `most` are taken.
    pub(crate) fn take(&self, user: &str, most: usize) -> Option<Seat> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(user.to_owned()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Seat {
            user: user.to_owned(),
            counts: self.0.clone(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_that_is_given_back_may_be_taken_again() {
        let seats = Seats::default();
        let (first, second) = (seats.take("a", 2), seats.take("a", 2));
        assert!(first.is_some() && second.is_some());
        assert!(seats.take("a", 2).is_none());
        assert!(seats.take("b", 2).is_some());
        drop(first);
        assert!(seats.take("a", 2).is_some());
        drop(second);
        assert!(seats.0.lock().unwrap().is_empty());
    }
}
