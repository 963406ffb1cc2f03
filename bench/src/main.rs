//! `cargo run --release -p bench -- NAME`: each benchmark prints what it measured and the ratio that
//! counts. Single figures of a shared machine mean little; ratios within one run do.

mod api;
mod commands;
mod confirm;
mod console;
mod end_to_end;
mod generate;
mod hot_path;
mod payload;
mod platform;
mod register;
mod sessions;
mod storage;

use clap::{Parser, Subcommand};

/// Measures the platform on this machine, with real engines.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Everything about the main path, one after the other, as docs/BENCHMARKS.md has it
    Ingest,
    /// From MQTT bytes in memory to the synced log, on one core, against parsing alone
    HotPath(hot_path::Options),
    /// Through one Mosquitto into ClickHouse, against a bare subscriber
    EndToEnd(end_to_end::Options),
    /// From a charge record to its confirmation, while run data flows
    Confirm(confirm::Options),
    /// Memory and restart with 200,000 sessions
    Sessions(sessions::Options),
    /// A reconnect storm of 200,000 piles at register's hooks, as EMQX asks them
    Register(register::Options),
    /// Disk bytes per row of run data, and how fast a pile's day is read
    Storage(storage::Options),
    /// The web API: lists and details over a large database, at a steady rate
    Api(api::Options),
    /// What `make bench-console` opens in a browser, until standard input ends
    ConsoleWorld(console::Options),
    /// Commands to a fleet: latency, a batch to all, firmware and logs, a campaign with faults
    Commands(commands::Options),
    /// Fill a database of a running ClickHouse as `api` does
    Generate(generate::Options),
}

fn main() -> anyhow::Result<()> {
    let what = Arguments::parse().what;
    match &what {
        // It pins itself to one core, so no runtime may be there before.
        What::HotPath(options) => return hot_path::run(options),
        What::Ingest => return ingest(),
        _ => {}
    }
    tokio::runtime::Runtime::new()?.block_on(async {
        match what {
            What::HotPath(_) | What::Ingest => unreachable!("handled above"),
            What::EndToEnd(options) => end_to_end::run(&options).await,
            What::Confirm(options) => confirm::run(&options).await,
            What::Sessions(options) => sessions::run(&options).await,
            What::Register(options) => register::run(&options).await,
            What::Storage(options) => storage::run(&options).await,
            What::Api(options) => api::run(&options).await,
            What::ConsoleWorld(options) => console::run(&options).await,
            What::Commands(options) => commands::run(&options).await,
            What::Generate(options) => generate::run(&options).await,
        }
    })
}

/// Each in a process of its own, so that none inherits the other's memory or core.
fn ingest() -> anyhow::Result<()> {
    for name in ["hot-path", "end-to-end", "confirm", "sessions", "storage"] {
        println!("\n== {name}");
        let status = std::process::Command::new(std::env::current_exe()?)
            .arg(name)
            .status()?;
        anyhow::ensure!(status.success(), "{name} ended with {status}");
    }
    Ok(())
}
