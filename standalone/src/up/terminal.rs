//! What `up` says. A terminal that has gone away must not take the platform with it, so nothing here fails.

use std::{
    io::{self, Write},
    process::ExitStatus,
    time::Duration,
};

use crate::{
    access::ENGINEER,
    data_folder::DataFolder,
    plan::{Ports, Service, Verdict, loopback, settings::clickhouse_url},
};

/// Prints one line.
pub(super) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// The line that tools wait for, and the addresses.
pub(super) fn ready(ports: &Ports, folder: &DataFolder, simulate: u32) {
    say("ready");
    say(format_args!(
        "  MQTT        {}  TLS {}  (CA {})",
        loopback(ports.mqtt),
        loopback(ports.mqtts),
        folder.shown_file("tls/ca.pem").display()
    ));
    say(format_args!("  web API     http://{}", loopback(ports.web)));
    say(format_args!("  register    http://{}", loopback(ports.register)));
    say(format_args!(
        "  ClickHouse  {}  (database sems)",
        clickhouse_url(ports)
    ));
    say(format_args!("  Redis       {}", loopback(ports.redis)));
    say(format_args!(
        "  metrics     http://{0}/metrics  http://{1}/metrics  http://{2}/metrics  http://{3}/metrics",
        loopback(ports.metrics),
        loopback(ports.web),
        loopback(ports.register_metrics),
        loopback(ports.connector_metrics)
    ));
    say(format_args!("  logs        {}/log/", folder.shown()));
    if simulate > 0 {
        say(format_args!("  simulating  {simulate} piles"));
    }
}

/// How to get in.
pub(super) fn access(folder: &DataFolder, password: &str, open: bool) {
    let credentials = folder.shown_file("credentials.env");
    say(format_args!(
        "  engineer    user {ENGINEER}, password {password}: may speak and read as any pile"
    ));
    say(format_args!(
        "In another terminal type `. {}`, and mosquitto_pub, mosquitto_sub and mosquitto_rr are let in.",
        credentials.display()
    ));
    if open {
        say(
            "The door is open: piles are let in without a password, under any uuid. Close it once they have moved.",
        );
    }
    say("Ctrl-C stops everything; `pile-ops status` and `pile-ops tail` show it work.");
}

/// A child that ended by itself, and what follows.
pub(super) fn ended(service: Service, how: &str, uptime: Duration, verdict: Verdict, folder: &DataFolder) {
    let name = service.name();
    let log = folder.shown_log(service);
    let log = log.display();
    let uptime = uptime.as_secs_f64();
    match verdict {
        Verdict::Restart(delay) => say(format_args!(
            "{name} ended ({how}) after {uptime:.1} s, starting it again in {:.1} s; its log is {log}",
            delay.as_secs_f64()
        )),
        Verdict::GiveUp => say(format_args!("{name} ended ({how}); its log is {log}")),
        Verdict::Done => say(format_args!("{name} has finished; its log is {log}")),
    }
}

/// `exit code 1`, `signal 9`.
pub(super) fn how(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}
