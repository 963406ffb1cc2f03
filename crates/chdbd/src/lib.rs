//! The embedded ClickHouse: libchdb behind the part of ClickHouse's HTTP interface that the `clickhouse` crate,
//! `curl` and people use, on loopback.
//!
//! It exists so that one machine needs no ClickHouse server, while every service speaks to it exactly as to a
//! real one. Nothing about charging piles may enter.
//!
//! Facts about the engine that the code relies on (libchdb 26.7, found by trial and held by the tests):
//! - Rows of an `INSERT … FORMAT` go through the streaming-insert functions, never through the statement's text,
//!   and the text given to them must not hold the FORMAT clause.
//! - A streamed answer arrives as one complete document per block, so only formats whose documents can be joined
//!   are streamed; the others are answered whole.
//! - `insert_deduplication_token` works on a plain `MergeTree` with `non_replicated_deduplication_window > 0`:
//!   the block's identity is (partition, token, number of the block within the insert), kept beside the
//!   parts; it survives a restart and a kill. Contents are not compared. A batch over several partitions is
//!   deduplicated per partition: a retry adds only the partitions that were not committed. The window counts
//!   blocks of the table, one per partition touched. Without a token, equal contents are the identity.
//! - The token is written just before the part: a kill in between would make the engine ignore the retry of rows it
//!   never kept. Such a token is forgotten at the next start.
//! - A block commits at 1,048,449 rows: larger batches are not atomic.

mod cli;
mod config;
mod data_folder;
mod engine;
mod exception;
mod ffi;
mod format;
mod http;
mod library;
mod sql;
mod wire;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

pub use cli::Cli;
pub use config::Config;
pub use data_folder::DataFolderError;
pub use library::LibraryError;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// libchdb.so is missing or does not load.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The interface has neither users nor TLS, so it is never offered to a network.
    #[error(
        "{0} is not a loopback address: the embedded ClickHouse has no users and serves this machine only"
    )]
    NotLoopback(IpAddr),
    /// The port is taken, or may not be opened.
    #[error("cannot listen on {address}: choose another --port, or stop what uses it")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// The reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// The engine refused the data folder; its own reason, if any, is on standard error.
    #[error("the engine does not open the data folder {0}")]
    Engine(String),
}

/// Serves until `shutdown` completes, then finishes running statements within `config.stop_within` and closes the
/// engine. `ready` is told the address once requests are answered.
pub async fn run(
    config: Config,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    if !config.host.is_loopback() {
        return Err(Error::NotLoopback(config.host));
    }
    let listener = listen(&config).await?;
    let engine = engine::Engine::start(&config)?;
    http::serve(listener, engine, &config, ready, shutdown).await;
    Ok(())
}

/// The port is taken before the engine starts, so that a busy one is an error within milliseconds.
async fn listen(config: &Config) -> Result<TcpListener, Error> {
    let address = SocketAddr::new(config.host, config.port);
    TcpListener::bind(address)
        .await
        .map_err(|source| Error::Listen { address, source })
}
