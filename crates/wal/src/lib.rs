//! A local write-ahead log: what is committed here is durable, whatever dies next.
//!
//! Producers hand in batches of finished [frames](frame); one thread appends them, syncs once for
//! all that have gathered (group commit) and only then hands back each batch's receipt. The log is
//! cut into segments; a closed [`Segment`] is the unit that the drain reads, retries and removes.
//! The log knows neither tables nor MQTT: a frame's `kind` is a number, a receipt any type.

pub mod frame;
mod open;
mod segment;
mod writer;

pub use frame::{Frame, FrameBuilder, FrameError};
pub use open::{Opened, open};
pub use segment::{Loaded, Segment};
pub use writer::{Batch, Closed, Gauge, Options, Sink, Writer};

use std::path::PathBuf;

/// What can go wrong with the log's files.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// The folder cannot be created, listed or synced.
    #[error("log folder {path} cannot be used")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process writes this log.
    #[error("log folder {path} is in use by another process; stop it, or set another wal.dir")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A segment cannot be read, written or removed.
    #[error("log segment {path} cannot be used")]
    Segment {
        /// The segment's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The writer's thread has ended, so nothing can be made durable any more.
    #[error("the log is closed")]
    Closed,
}
