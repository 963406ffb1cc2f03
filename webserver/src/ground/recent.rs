//! Commands that were asked for, or heard of, a moment ago: their rows are on the way to the database.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// After so long a command is on record, or never will be.
const LASTS: Duration = Duration::from_secs(10);
/// Marks remembered; beyond, the oldest are forgotten.
const MOST: usize = 50_000;

/// The marks of such commands.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Marks>);

#[derive(Debug, Default)]
struct Marks {
    known: HashSet<String>,
    order: VecDeque<(Instant, String)>,
}

impl Recent {
    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a command; one that is known is as old as it was.
    pub(crate) fn note(&self, mark: &str, now: Instant) {
        let mut marks = self.marks();
        marks.forget(now, MOST - 1);
        if !mark.is_empty() && marks.known.insert(mark.to_owned()) {
            marks.order.push_back((now, mark.to_owned()));
        }
    }

    /// Whether it was noted a moment ago.
    pub(crate) fn knows(&self, mark: &str, now: Instant) -> bool {
        let mut marks = self.marks();
        marks.forget(now, MOST);
        marks.known.contains(mark)
    }
}

impl Marks {
    fn forget(&mut self, now: Instant, most: usize) {
        let is_old = |since: Instant| now.saturating_duration_since(since) >= LASTS;
        while let Some((since, _)) = self.order.front()
            && (is_old(*since) || self.order.len() > most)
        {
            if let Some((_, mark)) = self.order.pop_front() {
                self.known.remove(&mark);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_new_for_a_while() {
        let (recent, start) = (Recent::default(), Instant::now());
        recent.note("w1", start);
        recent.note("w1", start + LASTS / 2);
        assert!(recent.knows("w1", start + LASTS / 2) && !recent.knows("w2", start));
        assert!(!recent.knows("w1", start + LASTS));
        recent.note("w1", start + LASTS);
        assert!(recent.knows("w1", start + LASTS));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (recent, start) = (Recent::default(), Instant::now());
        for nth in 0..MOST + 3 {
            recent.note(&nth.to_string(), start);
        }
        let marks = recent.marks();
        assert_eq!((marks.known.len(), marks.order.len()), (MOST, MOST));
        assert!(!marks.known.contains("2") && marks.known.contains("3"));
    }
}
