//! The report as people read it.

use std::fmt::Write;

use super::{Latency, Report};

/// Lost records printed one by one.
const LOST_PRINTED: usize = 20;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    write(report, &mut text).expect("a String takes every write");
    text
}

fn write(report: &Report, text: &mut String) -> std::fmt::Result {
    let records = &report.records;
    writeln!(
        text,
        "piles          {} ({} connected at once, {} reconnects)",
        report.piles, report.connected, report.reconnects
    )?;
    writeln!(
        text,
        "sent           {} messages, {} bytes in {:.1} s: {:.0} messages/s",
        report.sent_total.messages, report.sent_total.bytes, report.seconds, report.sent_per_second
    )?;
    for (name, tally) in &report.sent {
        writeln!(text, "  {:>9}    {name} ({} bytes)", tally.messages, tally.bytes)?;
    }
    writeln!(
        text,
        "acknowledged   {} by the broker, {} not",
        report.acked, report.unacked
    )?;
    writeln!(text, "               {}", latency(&report.puback))?;
    writeln!(text, "heard")?;
    for (name, tally) in &report.heard {
        writeln!(text, "  {:>9}    {name}", tally.messages)?;
    }
    writeln!(text, "answers        {}", report.answers)?;
    write_commands(report, text)?;
    writeln!(
        text,
        "trade records  {} made, {} sent, {} sent again, {} confirmed, {} UNCONFIRMED",
        records.made, records.sent, records.resent, records.confirmed, records.unconfirmed
    )?;
    writeln!(text, "  confirmation {}", latency(&report.confirmation))?;
    for record in report.lost.iter().take(LOST_PRINTED) {
        writeln!(
            text,
            "  unconfirmed  {} {} sent {} times",
            record.uuid, record.number, record.sends
        )?;
    }
    if records.unconfirmed > LOST_PRINTED as u64 {
        writeln!(text, "  … {} more", records.unconfirmed - LOST_PRINTED as u64)?;
    }
    if let Some(registration) = &report.registration {
        writeln!(
            text,
            "registration   {} registered, {} remembered, {} held, {} refused, {} unanswered, {} shut out",
            registration.registered,
            registration.remembered,
            registration.held,
            registration.refused,
            registration.unanswered,
            registration.shut_out
        )?;
        writeln!(text, "  running      {}", latency(&registration.running_after))?;
    }
    for (error, count) in &report.errors {
        writeln!(text, "error          {count} × {error}")?;
    }
    let mebibytes = report.memory_bytes as f64 / f64::from(1 << 20);
    writeln!(text, "memory         {mebibytes:.1} MiB resident")
}

fn write_commands(report: &Report, text: &mut String) -> std::fmt::Result {
    for (command, counts) in &report.commands {
        writeln!(
            text,
            "  {:>9}    {command}, {} repeated, {} answered, {} piles",
            counts.heard, counts.repeated, counts.answered, counts.piles
        )?;
    }
    let done = &report.done;
    if done.downloads_begun > 0 {
        writeln!(
            text,
            "downloads      {} begun, {} right ({} bytes, {} taken up again)",
            done.downloads_begun, done.downloads, done.download_bytes, done.downloads_resumed
        )?;
    }
    if done.logs_begun > 0 {
        writeln!(
            text,
            "logs           {} begun, {} sent ({} bytes)",
            done.logs_begun, done.logs, done.log_bytes
        )?;
    }
    for (reason, count) in done.download_failures.iter().chain(&done.log_failures) {
        writeln!(text, "  {count:>9}    {reason}")?;
    }
    if done.restarts > 0 {
        writeln!(text, "restarts       {}, {} updates", done.restarts, done.updates)?;
    }
    for (fault, count) in &done.faulty {
        writeln!(text, "  {count:>9}    with the fault {fault}")?;
    }
    for (version, count) in &done.updated_to {
        writeln!(text, "  {count:>9}    now run {version}")?;
    }
    Ok(())
}

fn latency(latency: &Latency) -> String {
    if latency.count == 0 {
        return "no latency measured".to_owned();
    }
    format!(
        "p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, max {:.2} ms",
        latency.p50_ms, latency.p90_ms, latency.p99_ms, latency.p999_ms, latency.max_ms
    )
}
