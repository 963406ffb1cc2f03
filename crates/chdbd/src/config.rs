//! What the server can be told: the data folder, the address, and the bounds that keep it small.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of one server.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder; created when absent, locked while the server runs.
    pub path: PathBuf,
    /// A loopback address.
    pub host: IpAddr,
    /// The TCP port; 0 takes a free one.
    pub port: u16,
    /// The engine's memory, in bytes; half of it is the limit of one statement.
    pub max_memory: u64,
    /// Threads of one statement.
    pub max_threads: u32,
    /// Statements other than streamed inserts that run at once; more wait.
    pub max_queries: usize,
    /// Inserts that run at once; more wait.
    pub max_inserts: usize,
    /// The default of `max_execution_time`; a request may set its own.
    pub max_execution_time: Duration,
    /// The largest request body, in bytes before and after decompression.
    pub max_body: u64,
    /// How long running statements may go on after the stop was asked for.
    pub stop_within: Duration,
}

impl Config {
    /// The defaults for a machine of 2 cores, with the given data folder, on a free port.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            host: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            max_memory: 4 << 30,
            max_threads: 2,
            max_queries: 16,
            max_inserts: 16,
            max_execution_time: Duration::from_secs(300),
            max_body: 4 << 30,
            stop_within: Duration::from_secs(15),
        }
    }
}
