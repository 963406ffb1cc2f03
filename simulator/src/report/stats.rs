//! Counters that all connections share while a run goes on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Messages and payload bytes.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Tally {
    /// How many.
    pub messages: u64,
    /// Payload bytes in all.
    pub bytes: u64,
}

/// Tallies per 命令.
pub(crate) type Tallies = BTreeMap<&'static str, Tally>;

/// Everything counted, by whichever connection.
#[derive(Debug)]
pub(crate) struct Stats {
    pub(crate) connected: AtomicU64,
    pub(crate) most_connected: AtomicU64,
    pub(crate) reconnects: AtomicU64,
    pub(crate) answers: AtomicU64,
    pub(crate) acked: AtomicU64,
    pub(crate) unacked: AtomicU64,
    pub(crate) republished: AtomicU64,
    /// Flood connections that have sent all of their --messages.
    pub(crate) lanes_done: AtomicU64,
    sent: Mutex<Tallies>,
    heard: Mutex<Tallies>,
    errors: Mutex<BTreeMap<String, u64>>,
    puback: Mutex<Histogram<u64>>,
}

/// Latencies in µs, up to ten minutes, three digits.
pub(crate) fn latency_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("the bounds are in order")
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Counters stay meaningful whatever a panicking task left behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stats {
    pub(crate) fn new() -> Self {
        Self {
            connected: AtomicU64::new(0),
            most_connected: AtomicU64::new(0),
            reconnects: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            acked: AtomicU64::new(0),
            unacked: AtomicU64::new(0),
            republished: AtomicU64::new(0),
            lanes_done: AtomicU64::new(0),
            sent: Mutex::default(),
            heard: Mutex::default(),
            errors: Mutex::default(),
            puback: Mutex::new(latency_histogram()),
        }
    }

    pub(crate) fn count_connected(&self) {
        let now = self.connected.fetch_add(1, Relaxed) + 1;
        self.most_connected.fetch_max(now, Relaxed);
    }

    pub(crate) fn count_lost(&self, error: &str) {
        self.connected.fetch_sub(1, Relaxed);
        self.count_error(error);
    }

    pub(crate) fn count_error(&self, error: &str) {
        *lock(&self.errors).entry(error.to_owned()).or_default() += 1;
    }

    pub(crate) fn count_sent(&self, name: &'static str, bytes: usize) {
        add(&mut lock(&self.sent), name, 1, bytes as u64);
    }

    pub(crate) fn count_heard(&self, name: &'static str, bytes: usize) {
        add(&mut lock(&self.heard), name, 1, bytes as u64);
    }

    /// Adds what a flood connection counted by itself.
    pub(crate) fn add_sent(&self, tallies: &mut Tallies) {
        let mut sent = lock(&self.sent);
        for (name, tally) in std::mem::take(tallies) {
            add(&mut sent, name, tally.messages, tally.bytes);
        }
    }

    pub(crate) fn count_ack(&self, latency: Duration) {
        self.acked.fetch_add(1, Relaxed);
        lock(&self.puback).saturating_record(micros(latency));
    }

    /// Adds the latencies that a flood connection measured by itself.
    pub(crate) fn add_acks(&self, latencies: &mut Histogram<u64>) {
        self.acked.fetch_add(latencies.len(), Relaxed);
        lock(&self.puback)
            .add(&*latencies)
            .expect("all latency histograms have the same bounds");
        latencies.reset();
    }

    pub(crate) fn sent(&self) -> Tallies {
        lock(&self.sent).clone()
    }

    pub(crate) fn heard(&self) -> Tallies {
        lock(&self.heard).clone()
    }

    pub(crate) fn errors(&self) -> BTreeMap<String, u64> {
        lock(&self.errors).clone()
    }

    pub(crate) fn puback(&self) -> Histogram<u64> {
        lock(&self.puback).clone()
    }
}

pub(crate) fn add(tallies: &mut Tallies, name: &'static str, messages: u64, bytes: u64) {
    let tally = tallies.entry(name).or_default();
    tally.messages += messages;
    tally.bytes += bytes;
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
