//! `cargo run --release -p bench -- NAME`: each benchmark prints what it measured and the ratio that
//! counts. Single figures of a shared machine mean little; ratios within one run do.

mod hot_path;
mod payload;

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
    /// From MQTT bytes in memory to the synced log, on one core, against parsing alone
    HotPath(hot_path::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::HotPath(options) => hot_path::run(&options),
    }
}
