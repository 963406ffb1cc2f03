//! What a run found: counts, latencies, and every record that is missing.

pub(crate) mod commands;
pub(crate) mod deeds;
pub(crate) mod ledger;
pub(crate) mod progress;
pub(crate) mod stats;
mod text;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Context;
use hdrhistogram::Histogram;
use serde::Serialize;

pub use commands::{CommandCounts, HeardCommand};
pub use deeds::Done;
pub use ledger::{Record, RecordCounts};
use stats::Tallies;
pub use stats::Tally;

use crate::register::Registrar;
use crate::world::World;

/// Lost records named in the report; the rest is in the file of `--records`.
const LOST_SHOWN: usize = 1000;

/// Percentiles of a latency, ms.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Mean.
    pub mean_ms: f64,
    /// Median.
    pub p50_ms: f64,
    /// 90th percentile.
    pub p90_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// The worst one.
    pub max_ms: f64,
}

/// Counts over a whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Piles simulated.
    pub piles: u32,
    /// From the first connection attempt until sending ended, s.
    pub seconds: f64,
    /// Connections that stood at the same time, at most.
    pub connected: u64,
    /// Connections lost and made again.
    pub reconnects: u64,
    /// Messages sent, per 命令.
    pub sent: BTreeMap<String, Tally>,
    /// All of `sent`.
    pub sent_total: Tally,
    /// Messages sent per second.
    pub sent_per_second: f64,
    /// Messages from the platform, per 命令.
    pub heard: BTreeMap<String, Tally>,
    /// Commands answered.
    pub answers: u64,
    /// Publishes acknowledged by the broker.
    pub acked: u64,
    /// Publishes that a lost connection or the end left unacknowledged.
    pub unacked: u64,
    /// Publishes sent again by the flood because their connection was lost.
    pub republished: u64,
    /// From a publish to its PUBACK.
    pub puback: Latency,
    /// Trade records.
    pub records: RecordCounts,
    /// From a record's first sending to its confirmation.
    pub confirmation: Latency,
    /// Records that nobody confirmed, the first 1000.
    pub lost: Vec<Record>,
    /// How piles came by their credentials, with --register.
    pub registration: Option<Registration>,
    /// Commands heard, per 命令.
    pub commands: BTreeMap<String, CommandCounts>,
    /// What the piles did because of them.
    pub done: Done,
    /// Errors by text.
    pub errors: BTreeMap<String, u64>,
    /// Resident memory of this process at the end, bytes.
    pub memory_bytes: u64,
    /// Every record of the run.
    #[serde(skip)]
    pub all_records: Vec<Record>,
    /// Every command of the run.
    #[serde(skip)]
    pub all_commands: Vec<HeardCommand>,
}

/// How piles came by their credentials.
#[derive(Debug, Clone, Serialize)]
pub struct Registration {
    /// Credentials that were there from an earlier run.
    pub remembered: u64,
    /// Credentials given.
    pub registered: u64,
    /// Answers 待审核.
    pub held: u64,
    /// Answers 失败.
    pub refused: u64,
    /// Requests without an answer.
    pub unanswered: u64,
    /// Connections with credentials that the broker refused.
    pub shut_out: u64,
    /// From a pile's first request to its connection with credentials.
    pub running_after: Latency,
}

impl Registration {
    fn of(registrar: &Registrar) -> Self {
        let counts = &registrar.counts;
        Self {
            remembered: registrar.remembered_at_start(),
            registered: counts.registered.load(Relaxed),
            held: counts.held.load(Relaxed),
            refused: counts.refused.load(Relaxed),
            unanswered: counts.unanswered.load(Relaxed),
            shut_out: counts.shut_out.load(Relaxed),
            running_after: Latency::of(&registrar.running_after()),
        }
    }
}

impl Latency {
    fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |us: u64| us as f64 / 1000.0;
        Self {
            count: histogram.len(),
            mean_ms: (histogram.mean() / 10.0).round() / 100.0,
            p50_ms: ms(histogram.value_at_quantile(0.5)),
            p90_ms: ms(histogram.value_at_quantile(0.9)),
            p99_ms: ms(histogram.value_at_quantile(0.99)),
            p999_ms: ms(histogram.value_at_quantile(0.999)),
            max_ms: ms(histogram.max()),
        }
    }
}

impl Report {
    /// `sending` is how long new messages were made, without the linger.
    pub(crate) fn of(world: &World, sending: Duration) -> Self {
        let (stats, all_records) = (&world.stats, world.ledger.records());
        let sent = stats.sent();
        let sent_total = sent.values().fold(Tally::default(), |all, tally| Tally {
            messages: all.messages + tally.messages,
            bytes: all.bytes + tally.bytes,
        });
        let unconfirmed = all_records.iter().filter(|record| record.confirmed_ms.is_none());
        Self {
            piles: world.options.piles,
            seconds: sending.as_secs_f64(),
            connected: stats.most_connected.load(Relaxed),
            reconnects: stats.reconnects.load(Relaxed),
            sent: named(sent),
            sent_total,
            sent_per_second: sent_total.messages as f64 / sending.as_secs_f64().max(1e-3),
            heard: named(stats.heard()),
            answers: stats.answers.load(Relaxed),
            acked: stats.acked.load(Relaxed),
            unacked: stats.unacked.load(Relaxed),
            republished: stats.republished.load(Relaxed),
            puback: Latency::of(&stats.puback()),
            records: world.ledger.counts(),
            confirmation: Latency::of(&world.ledger.latency()),
            lost: unconfirmed.take(LOST_SHOWN).cloned().collect(),
            registration: world.registrar.as_ref().map(Registration::of),
            commands: world.commands.counts(),
            done: world.deeds.done(),
            errors: stats.errors(),
            memory_bytes: resident_bytes(),
            all_records,
            all_commands: world.commands.all(),
        }
    }

    /// 0 if every record is confirmed, 3 if not.
    pub fn exit_code(&self) -> u8 {
        if self.records.unconfirmed == 0 { 0 } else { 3 }
    }

    /// The report for people.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// Writes it as JSON, to standard output for `-`.
    pub fn write_json(&self, path: &Path) -> anyhow::Result<()> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        if path == Path::new("-") {
            std::io::stdout().write_all(&json)?;
            return Ok(());
        }
        std::fs::write(path, json).with_context(|| format!("cannot write the report to {}", path.display()))
    }

    /// Writes every record as a JSON line.
    pub fn write_records(&self, path: &Path) -> anyhow::Result<()> {
        let file =
            File::create(path).with_context(|| format!("cannot write the records to {}", path.display()))?;
        ledger::write_lines(&self.all_records, &mut BufWriter::new(file))?;
        Ok(())
    }

    /// Writes every command as a JSON line.
    pub fn write_commands(&self, path: &Path) -> anyhow::Result<()> {
        let file =
            File::create(path).with_context(|| format!("cannot write the commands to {}", path.display()))?;
        ledger::write_lines(&self.all_commands, &mut BufWriter::new(file))?;
        Ok(())
    }
}

fn named(tallies: Tallies) -> BTreeMap<String, Tally> {
    tallies
        .into_iter()
        .map(|(name, tally)| (name.to_owned(), tally))
        .collect()
}

/// 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
