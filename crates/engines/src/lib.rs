//! Starts, watches and stops the real Mosquitto, Redis and chdbd as children of this process, on loopback, each
//! with its own data folder and log.
//!
//! `pile-ops` and the tests use the same code, so what is tested is what runs. Nothing about piles may enter.

mod chdbd;
mod error;
mod mosquitto;
mod port;
mod probe;
mod program;
mod redis;
mod running;
mod tied;
mod vsftpd;

pub use chdbd::{Chdbd, ChdbdOptions};
pub use error::EngineError;
pub use mosquitto::{Mosquitto, MosquittoOptions, TlsListener};
pub use port::listen_anywhere;
pub use redis::{Redis, RedisOptions};
pub use running::Running;
pub use tied::{spawn_tied, tied_command};
pub use vsftpd::{Vsftpd, VsftpdOptions};
