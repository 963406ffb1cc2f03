//! The command line of `chdbd`, and nothing else.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::Config;

/// The embedded ClickHouse: serves ClickHouse's HTTP interface on loopback from one data folder.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// The data folder; created when absent
    #[arg(long, value_name = "DIR")]
    pub path: PathBuf,
    /// A loopback address; any other is refused
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The TCP port; 0 takes a free one and prints it
    #[arg(long, default_value_t = 8123)]
    pub port: u16,
    /// Memory of the engine in MiB; half of it is the limit of one statement
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(256..))]
    pub max_memory: u64,
    /// Threads of one statement
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub max_threads: u32,
    /// The longest a statement may run, in seconds, unless the request sets max_execution_time
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub max_execution_time: u64,
    /// The longest a stop waits for running statements, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    pub stop_within: u64,
    /// What is logged to standard error: off, error, warn, info, debug, or a filter such as chdbd=debug
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
}

impl Cli {
    /// The settings that the command line asks for.
    pub fn config(&self) -> Config {
        Config {
            host: self.host,
            port: self.port,
            max_memory: self.max_memory << 20,
            max_threads: self.max_threads,
            max_execution_time: Duration::from_secs(self.max_execution_time),
            stop_within: Duration::from_secs(self.stop_within),
            ..Config::new(&self.path)
        }
    }
}
