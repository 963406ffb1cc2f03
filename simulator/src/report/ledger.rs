//! Every trade record of a run: when it was first sent and when it was confirmed. What is missing here is lost.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Mutex;
use std::time::Instant;

use ahash::RandomState;
use hdrhistogram::Histogram;
use protocol::Uuid;
use serde::Serialize;

use super::stats::{latency_histogram, lock, micros};
use crate::pile::output::TradeNumber;

/// One record, as the file of `--records` tells it.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// The pile that sent it.
    pub uuid: Uuid,
    /// 交易流水号, 32 digits.
    pub number: String,
    /// Unix ms of the first sending, absent if it never got out.
    pub first_sent_ms: Option<i64>,
    /// Unix ms of the first confirmation, absent if none came.
    pub confirmed_ms: Option<i64>,
    /// How often it was sent.
    pub sends: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    uuid: Uuid,
    first_sent_us: Option<u64>,
    confirmed_us: Option<u64>,
    sends: u32,
}

/// How many records there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RecordCounts {
    /// Charges that ended.
    pub made: u64,
    /// Records sent at least once.
    pub sent: u64,
    /// Sendings after the first one.
    pub resent: u64,
    /// Records confirmed.
    pub confirmed: u64,
    /// Made and not confirmed.
    pub unconfirmed: u64,
}

#[derive(Debug)]
struct Inner {
    entries: HashMap<(u32, TradeNumber), Entry, RandomState>,
    counts: RecordCounts,
    latency: Histogram<u64>,
}

/// The book of all records.
#[derive(Debug)]
pub(crate) struct Ledger {
    started: Instant,
    started_ms: i64,
    inner: Mutex<Inner>,
}

impl Ledger {
    pub(crate) fn new(started: Instant, started_ms: i64) -> Self {
        let inner = Inner {
            entries: HashMap::default(),
            counts: RecordCounts::default(),
            latency: latency_histogram(),
        };
        Self {
            started,
            started_ms,
            inner: Mutex::new(inner),
        }
    }

    pub(crate) fn made(&self, pile: u32, uuid: Uuid, number: TradeNumber) {
        let mut inner = lock(&self.inner);
        let entry = Entry {
            uuid,
            first_sent_us: None,
            confirmed_us: None,
            sends: 0,
        };
        if inner.entries.insert((pile, number), entry).is_none() {
            inner.counts.made += 1;
            inner.counts.unconfirmed += 1;
        }
    }

    pub(crate) fn sent(&self, pile: u32, uuid: Uuid, number: TradeNumber) {
        let now = micros(self.started.elapsed());
        let mut inner = lock(&self.inner);
        let Some(entry) = inner.entries.get_mut(&(pile, number)) else {
            return;
        };
        // A pile that was given another uuid sends under that one.
        entry.uuid = uuid;
        entry.sends += 1;
        if entry.first_sent_us.is_some() {
            inner.counts.resent += 1;
        } else {
            entry.first_sent_us = Some(now);
            inner.counts.sent += 1;
        }
    }

    pub(crate) fn confirmed(&self, pile: u32, number: TradeNumber) {
        let now = micros(self.started.elapsed());
        let mut inner = lock(&self.inner);
        let Some(entry) = inner.entries.get_mut(&(pile, number)) else {
            return;
        };
        if entry.confirmed_us.replace(now).is_some() {
            return;
        }
        let latency = now.saturating_sub(entry.first_sent_us.unwrap_or(now));
        inner.latency.saturating_record(latency);
        inner.counts.confirmed += 1;
        inner.counts.unconfirmed -= 1;
    }

    pub(crate) fn counts(&self) -> RecordCounts {
        lock(&self.inner).counts
    }

    pub(crate) fn latency(&self) -> Histogram<u64> {
        lock(&self.inner).latency.clone()
    }

    /// All records, by uuid and number.
    pub(crate) fn records(&self) -> Vec<Record> {
        let at = |us: u64| self.started_ms + i64::try_from(us / 1000).unwrap_or(i64::MAX);
        let inner = lock(&self.inner);
        let mut records: Vec<Record> = inner
            .entries
            .iter()
            .map(|((_, number), entry)| Record {
                uuid: entry.uuid,
                number: format!("{number:032}"),
                first_sent_ms: entry.first_sent_us.map(at),
                confirmed_ms: entry.confirmed_us.map(at),
                sends: entry.sends,
            })
            .collect();
        drop(inner);
        records.sort_by(|a, b| (a.uuid, &a.number).cmp(&(b.uuid, &b.number)));
        records
    }
}

/// Writes things as JSON lines.
pub(crate) fn write_lines(things: &[impl Serialize], out: &mut impl Write) -> io::Result<()> {
    for thing in things {
        serde_json::to_writer(&mut *out, thing)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_once_however_often_it_is_sent_and_confirmed() {
        let ledger = Ledger::new(Instant::now(), 1_000);
        let uuid = Uuid::from_counter(7).unwrap();
        for number in [1, 2, 3] {
            ledger.made(0, uuid, number);
        }
        for number in [1, 1, 1, 2] {
            ledger.sent(0, uuid, number);
        }
        ledger.confirmed(0, 1);
        ledger.confirmed(0, 1);
        ledger.confirmed(9, 2);
        let expected = RecordCounts {
            made: 3,
            sent: 2,
            resent: 2,
            confirmed: 1,
            unconfirmed: 2,
        };
        assert_eq!(ledger.counts(), expected);
        let records = ledger.records();
        let unsent: Vec<_> = records
            .iter()
            .filter(|r| r.first_sent_ms.is_none())
            .map(|r| &*r.number)
            .collect();
        assert_eq!(unsent, ["00000000000000000000000000000003"]);
        assert_eq!(records[0].sends, 3);
    }
}
