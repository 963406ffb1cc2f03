//! How many requests are worked on: some of each serial number, so many a second of all.
//!
//! A bucket holds tokens, each request takes one, time brings them back. Who is over the limit is told so once per
//! token it waits for, and then no longer: a reply to everything would be a flood of its own.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// Serial numbers remembered at most, in each of two generations. Forgetting one early gives it tokens that the
/// limit for all still holds back.
const REMEMBERED: usize = 131_072;

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Tokens of one serial number.
    pub per_sn: u32,
    /// Until one of them comes back.
    pub refill: Duration,
    /// Tokens of all, and how many come back in a second.
    pub per_second: u32,
}

/// What is done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is worked on.
    Work,
    /// It is refused with a word: this serial number asks too often.
    TooOften,
    /// It is refused with a word: everybody asks at once.
    Busy,
    /// It is passed over.
    Silent,
}

/// The buckets. Time is given, so that it can be tested.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    all: Bucket,
    /// For saying so: a word is traffic too.
    words: Bucket,
    hasher: RandomState,
    young: HashMap<u64, Bucket>,
    old: HashMap<u64, Bucket>,
    young_since: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// When it would be full. A token costs one refill; it is empty when `most` of them are owed.
    full_at: Instant,
    told_at: Option<Instant>,
}

impl Bucket {
    const fn full(now: Instant) -> Self {
        Self {
            full_at: now,
            told_at: None,
        }
    }

    /// Takes a token, if there is one; each comes back after `refill`.
    fn take(&mut self, most: u32, refill: Duration, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + refill;
        let taken = full_at <= now + refill * most;
        if taken {
            self.full_at = full_at;
        }
        taken
    }

    fn give_back(&mut self, refill: Duration) {
        self.full_at = self.full_at.checked_sub(refill).unwrap_or(self.full_at);
    }
}

impl Limiter {
    /// All buckets full.
    pub fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            all: Bucket::full(now),
            words: Bucket::full(now),
            hasher: RandomState::new(),
            young: HashMap::new(),
            old: HashMap::new(),
            young_since: now,
        }
    }

    /// Decides about a request of this serial number that has come now.
    pub fn admit(&mut self, sn: &str, now: Instant) -> Admission {
        self.age(now);
        let Limits {
            per_sn,
            refill,
            per_second,
        } = self.limits;
        let of_all = Duration::from_secs(1) / per_second.max(1);
        let key = self.hasher.hash_one(sn);
        let earlier = self.old.remove(&key);
        let bucket = self
            .young
            .entry(key)
            .or_insert_with(|| earlier.unwrap_or(Bucket::full(now)));
        if !bucket.take(per_sn, refill, now) {
            let told = bucket.told_at.is_some_and(|at| now < at + refill);
            if told || !self.words.take(per_second, of_all, now) {
                return Admission::Silent;
            }
            bucket.told_at = Some(now);
            return Admission::TooOften;
        }
        if self.all.take(per_second, of_all, now) {
            return Admission::Work;
        }
        // It is not this one's fault.
        bucket.give_back(refill);
        match self.words.take(per_second, of_all, now) {
            true => Admission::Busy,
            false => Admission::Silent,
        }
    }

    /// Forgets the older generation when the younger one is large, or so old that buckets of before are full again.
    fn age(&mut self, now: Instant) {
        let full_again = self.limits.refill * self.limits.per_sn;
        if self.young.len() >= REMEMBERED || now >= self.young_since + full_again {
            self.old = std::mem::take(&mut self.young);
            self.young_since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REFILL: Duration = Duration::from_secs(30);

    fn limiter(now: Instant, per_second: u32) -> Limiter {
        let limits = Limits {
            per_sn: 3,
            refill: REFILL,
            per_second,
        };
        Limiter::new(limits, now)
    }

    #[test]
    fn one_serial_number_is_told_once_per_refill() {
        let start = Instant::now();
        let mut limiter = limiter(start, 1000);
        let mut ask = |after: u64| limiter.admit("SN1", start + Duration::from_secs(after));
        let (work, told, silent) = (Admission::Work, Admission::TooOften, Admission::Silent);
        let first: Vec<_> = (0..6).map(|_| ask(0)).collect();
        assert_eq!(first, [work, work, work, told, silent, silent]);
        assert_eq!([ask(29), ask(30), ask(31), ask(32)], [silent, work, told, silent]);
        // All three are back after three times thirty seconds.
        let later: Vec<_> = (0..4).map(|_| ask(300)).collect();
        assert_eq!(later, [work, work, work, told]);
    }

    #[test]
    fn everybody_together_is_limited_and_nobody_pays_for_it() {
        let start = Instant::now();
        let mut limiter = limiter(start, 10);
        let mut count = |at: Instant, wanted: Admission| {
            let asked = (0..50).map(|n| limiter.admit(&format!("SN{n}"), at));
            asked.filter(|admission| *admission == wanted).count()
        };
        assert_eq!(count(start, Admission::Work), 10);
        // A second later ten words and ten tokens are back; who was refused before has lost none of its own.
        assert_eq!(count(start + Duration::from_secs(1), Admission::Busy), 10);
        assert_eq!(count(start + Duration::from_secs(2), Admission::TooOften), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let start = Instant::now();
        let mut limiter = limiter(start, 1_000_000);
        for n in 0..3 * REMEMBERED {
            limiter.admit(&n.to_string(), start);
        }
        assert!(limiter.young.len() <= REMEMBERED && limiter.old.len() <= REMEMBERED);
    }

    proptest! {
        /// Whatever the times: never more work than tokens, nor less where there is time enough.
        #[test]
        fn work_never_exceeds_the_tokens(gaps in prop::collection::vec(0..40_000_u64, 1..100)) {
            let start = Instant::now();
            let mut limiter = limiter(start, 1000);
            let (mut now, mut work) = (start, 0_u32);
            for gap in gaps {
                now += Duration::from_millis(gap);
                let admitted = limiter.admit("SN1", now) == Admission::Work;
                work += u32::from(admitted);
                let refilled = ((now - start).as_millis() / REFILL.as_millis()) as u32;
                prop_assert!(work <= 3 + refilled);
                prop_assert!(admitted || Duration::from_millis(gap) < REFILL);
            }
        }
    }
}
