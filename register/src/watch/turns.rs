//! Two TCUs under one uuid, told by what alternates: factory numbers, SIM cards, addresses.
//!
//! A second factory number within the window is a second TCU. A second SIM card or address alone is not: cards
//! are changed, and mobile networks give out another address whenever they like. Those count only when the first
//! one comes back (A → B → A).

use std::net::IpAddr;

use ahash::{HashMap, HashMapExt};
use protocol::Uuid;

/// Uuids remembered at most, in each of two generations: a fleet that logs in within the window.
const REMEMBERED: usize = 262_144;
/// The part of a mark that is kept: what is longer is a slip, and memory is bounded.
const LONGEST: usize = 64;

/// By what a TCU is told from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// 出厂编号
    Serial,
    /// SIM卡号
    Sim,
    /// 来源地址
    Address,
}

impl Mark {
    /// For people.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Serial => "出厂编号",
            Self::Sim => "SIM卡",
            Self::Address => "来源地址",
        }
    }

    /// As the label of a metric.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Serial => "sn",
            Self::Sim => "sim",
            Self::Address => "address",
        }
    }
}

/// A mark was seen under a uuid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Under which uuid.
    pub uuid: Uuid,
    /// What.
    pub mark: Mark,
    /// Its value.
    pub value: String,
    /// When, Unix ms.
    pub at: i64,
}

impl Sighting {
    /// A client that was let in as `uuid` came from `address`.
    pub fn address(uuid: Uuid, address: IpAddr, at: i64) -> Self {
        Self {
            uuid,
            mark: Mark::Address,
            value: address.to_string(),
            at,
        }
    }
}

/// Two TCUs under one uuid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// Which uuid.
    pub uuid: Uuid,
    /// By what they are told apart.
    pub mark: Mark,
    /// The one that was there before.
    pub before: String,
    /// The one that is there now.
    pub now: String,
    /// When the present one was seen, Unix ms.
    pub at: i64,
}

/// The last values of one mark.
#[derive(Debug, Clone)]
struct Trace {
    value: Box<str>,
    at: i64,
    /// The other value, and when it was last seen.
    other: Option<(Box<str>, i64)>,
}

type Traces = [Option<Trace>; 3];

/// What has been seen within the window.
#[derive(Debug)]
pub struct Turns {
    within: i64,
    most: usize,
    /// Uuids seen since the last change of generations; the others are found in `old` and come over.
    young: HashMap<Uuid, Traces>,
    old: HashMap<Uuid, Traces>,
    turned: i64,
}

impl Turns {
    /// Counts as taking turns what happens within `within` ms.
    pub fn new(within: i64) -> Self {
        Self::remembering(within, REMEMBERED)
    }

    fn remembering(within: i64, most: usize) -> Self {
        Self {
            within,
            most,
            young: HashMap::new(),
            old: HashMap::new(),
            turned: i64::MIN,
        }
    }

    /// Uuids that are remembered.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes note of a sighting; each is to be shown once. Gives what it tells.
    pub fn see(&mut self, sighting: &Sighting) -> Option<Suspicion> {
        let value = shortened(sighting.value.trim());
        if value.is_empty() {
            return None;
        }
        self.turn_generations(sighting.at);
        let (young, old) = (&mut self.young, &mut self.old);
        let traces = young
            .entry(sighting.uuid)
            .or_insert_with(|| old.remove(&sighting.uuid).unwrap_or_default());
        let trace = &mut traces[sighting.mark as usize];
        let before = observe(trace, value, sighting, self.within)?;
        Some(Suspicion {
            uuid: sighting.uuid,
            mark: sighting.mark,
            before,
            now: value.to_owned(),
            at: sighting.at,
        })
    }

    /// What was last seen longer ago than the window lies in the old generation by then, and goes with it; so
    /// does what would be too much.
    fn turn_generations(&mut self, at: i64) {
        if self.turned == i64::MIN {
            self.turned = at;
        }
        if self.young.len() >= self.most || at.saturating_sub(self.turned) >= self.within {
            self.old = std::mem::take(&mut self.young);
            self.turned = at;
        }
    }
}

/// The value that this one takes turns with, if it does.
fn observe(trace: &mut Option<Trace>, value: &str, sighting: &Sighting, within: i64) -> Option<String> {
    let at = sighting.at;
    let Some(trace) = trace else {
        *trace = Some(Trace {
            value: value.into(),
            at,
            other: None,
        });
        return None;
    };
    if *trace.value == *value {
        trace.at = trace.at.max(at);
        return None;
    }
    let recent = |seen: i64| at.abs_diff(seen) < within.unsigned_abs();
    let suspicious = recent(trace.at)
        && match sighting.mark {
            Mark::Serial => true,
            Mark::Sim | Mark::Address => {
                let back = |(other, seen): &(Box<str>, i64)| **other == *value && recent(*seen);
                trace.other.as_ref().is_some_and(back)
            }
        };
    let before = std::mem::replace(&mut trace.value, value.into());
    let told = suspicious.then(|| before.to_string());
    trace.other = Some((before, trace.at));
    trace.at = at;
    told
}

fn shortened(value: &str) -> &str {
    let mut end = value.len().min(LONGEST);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    &value[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn uuid(counter: u64) -> Uuid {
        Uuid::from_counter(counter).unwrap()
    }

    fn saw(turns: &mut Turns, mark: Mark, value: &str, at: i64) -> Option<(String, String)> {
        let sighting = Sighting {
            uuid: uuid(1),
            mark,
            value: value.to_owned(),
            at,
        };
        turns.see(&sighting).map(|s| (s.before, s.now))
    }

    fn pair(before: &str, now: &str) -> Option<(String, String)> {
        Some((before.to_owned(), now.to_owned()))
    }

    #[test]
    fn a_second_factory_number_is_a_second_tcu() {
        let mut turns = Turns::new(HOUR);
        assert_eq!(saw(&mut turns, Mark::Serial, "A", 0), None);
        assert_eq!(saw(&mut turns, Mark::Serial, "A", 1), None);
        assert_eq!(saw(&mut turns, Mark::Serial, "B", 2), pair("A", "B"));
        assert_eq!(saw(&mut turns, Mark::Serial, "", 3), None, "absent is no number");
        assert_eq!(saw(&mut turns, Mark::Serial, "A", 4), pair("B", "A"));
    }

    #[test]
    fn a_tcu_replaced_after_the_window_is_no_second_one() {
        let mut turns = Turns::new(HOUR);
        saw(&mut turns, Mark::Serial, "A", 0);
        assert_eq!(saw(&mut turns, Mark::Serial, "B", HOUR), None);
    }

    #[test]
    fn cards_and_addresses_must_come_back() {
        for mark in [Mark::Sim, Mark::Address] {
            let mut turns = Turns::new(HOUR);
            assert_eq!(saw(&mut turns, mark, "A", 0), None);
            assert_eq!(saw(&mut turns, mark, "B", 1), None, "a card may be changed");
            assert_eq!(saw(&mut turns, mark, "C", 2), None);
            assert_eq!(saw(&mut turns, mark, "B", 3), pair("C", "B"));
            assert_eq!(saw(&mut turns, mark, "C", HOUR + 10), None, "too late");
        }
    }

    #[test]
    fn marks_and_uuids_are_apart() {
        let mut turns = Turns::new(HOUR);
        saw(&mut turns, Mark::Serial, "A", 0);
        assert_eq!(saw(&mut turns, Mark::Sim, "B", 1), None);
        let other = Sighting {
            uuid: uuid(2),
            mark: Mark::Serial,
            value: "B".to_owned(),
            at: 1,
        };
        assert_eq!(turns.see(&other), None);
    }

    #[test]
    fn a_long_value_is_cut_between_letters() {
        assert_eq!(shortened(&"桩".repeat(30)).chars().count(), 21);
    }

    /// The rule written down plainly: the whole history, no generations.
    fn expected(history: &[(Mark, u8, i64)], at: usize, within: i64) -> bool {
        let (mark, value, now) = history[at];
        let same: Vec<_> = history[..at].iter().filter(|(m, ..)| *m == mark).collect();
        let Some((_, last, last_at)) = same.last() else {
            return false;
        };
        if *last == value || now - last_at >= within {
            return false;
        }
        if mark == Mark::Serial {
            return true;
        }
        // The value before the run of `last`.
        same.iter()
            .rev()
            .find(|(_, v, _)| v != last)
            .is_some_and(|(_, v, seen)| *v == value && now - seen < within)
    }

    fn mark() -> impl Strategy<Value = Mark> {
        prop_oneof![Just(Mark::Serial), Just(Mark::Sim), Just(Mark::Address)]
    }

    proptest! {
        #[test]
        fn what_is_told_is_what_the_history_tells(
            steps in proptest::collection::vec((mark(), 0u8..4, 0i64..HOUR), 0..60)
        ) {
            let mut turns = Turns::new(HOUR);
            let mut now = 0;
            let mut history = Vec::new();
            for (mark, value, later) in steps {
                now += later;
                history.push((mark, value, now));
                let told = saw(&mut turns, mark, &value.to_string(), now).is_some();
                prop_assert_eq!(told, expected(&history, history.len() - 1, HOUR));
            }
        }

        #[test]
        fn memory_is_bounded_and_the_past_forgotten(
            seen in proptest::collection::vec((0u64..500, 0i64..1000), 1..500)
        ) {
            let mut turns = Turns::remembering(HOUR, 16);
            let mut now = 0;
            for (counter, later) in seen {
                now += later;
                let sighting = Sighting { uuid: uuid(counter), mark: Mark::Serial, value: "A".to_owned(), at: now };
                prop_assert_eq!(turns.see(&sighting), None);
                prop_assert!(turns.len() <= 32);
            }
            for after in [HOUR, 2 * HOUR] {
                saw(&mut turns, Mark::Serial, "A", now + after);
            }
            prop_assert!(turns.len() <= 1, "all but the last is older than the window");
        }
    }
}
