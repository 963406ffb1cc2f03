//! How fast commands go out, and in which order where more want to than may: every source in turn, so that a batch
//! of ten thousand does not hold up the one command of a person.

use std::collections::VecDeque;

use compact_str::CompactString;

/// Bursts are as long as this, ms.
const BURST_MS: f64 = 100.0;

/// A bucket of tokens, and a line per source.
#[derive(Debug)]
pub(in crate::fleet) struct Pace {
    /// Tokens per ms; infinite for no limit.
    rate: f64,
    tokens: f64,
    filled: i64,
    lines: VecDeque<Line>,
}

#[derive(Debug)]
struct Line {
    source: CompactString,
    places: VecDeque<u32>,
}

impl Pace {
    /// So many commands a second; 0 = as many as come.
    pub(in crate::fleet) fn new(per_second: f64) -> Self {
        let rate = if per_second > 0.0 {
            per_second / 1000.0
        } else {
            f64::INFINITY
        };
        Self {
            rate,
            tokens: 1.0,
            filled: 0,
            lines: VecDeque::new(),
        }
    }

    /// Takes the right to send one command now.
    pub(in crate::fleet) fn take(&mut self, now: i64) -> bool {
        if self.rate.is_infinite() {
            return true;
        }
        let passed = (now - self.filled).max(0) as f64;
        self.filled = now.max(self.filled);
        self.tokens = (self.tokens + passed * self.rate).min((BURST_MS * self.rate).max(1.0));
        let may = self.tokens >= 1.0;
        if may {
            self.tokens -= 1.0;
        }
        may
    }

    /// Gives the right back: nothing was sent.
    pub(in crate::fleet) fn give_back(&mut self) {
        self.tokens += 1.0;
    }

    /// Whether nobody stands in line.
    pub(in crate::fleet) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Puts a pile in a source's line.
    pub(in crate::fleet) fn wait(&mut self, source: &CompactString, place: u32) {
        match self.lines.iter_mut().find(|line| line.source == *source) {
            Some(line) => line.places.push_back(place),
            None => self.lines.push_back(Line {
                source: source.clone(),
                places: VecDeque::from([place]),
            }),
        }
    }

    /// The first of the next source's line.
    pub(in crate::fleet) fn next(&mut self) -> Option<(CompactString, u32)> {
        let mut line = self.lines.pop_front()?;
        let place = line.places.pop_front()?;
        let source = line.source.clone();
        if !line.places.is_empty() {
            self.lines.push_back(line);
        }
        Some((source, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_go_as_the_rate_allows() {
        let mut pace = Pace::new(500.0);
        let sent = (1_000_000..1_010_000)
            .map(|now| (0..10).filter(|_| pace.take(now)).count())
            .sum::<usize>();
        assert!((4_990..=5_060).contains(&sent), "{sent} in ten seconds");
        let mut slow = Pace::new(0.5);
        let sent = (0..10).filter(|n| slow.take(1_000_000 + n * 1000)).count();
        assert_eq!(sent, 5);
        assert!((0..1000).all(|_| Pace::new(0.0).take(0)));
    }

    #[test]
    fn every_source_has_its_turn() {
        let mut pace = Pace::new(1.0);
        (0..100).for_each(|place| pace.wait(&"batch".into(), place));
        pace.wait(&"alice".into(), 7);
        let order: Vec<_> = std::iter::from_fn(|| pace.next()).collect();
        assert_eq!(order.len(), 101);
        let alice = order.iter().position(|(source, _)| source == "alice").unwrap();
        assert_eq!(alice, 1);
        assert!(pace.is_empty());
    }
}
