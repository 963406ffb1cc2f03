//! ops_tcu takes in what piles say over MQTT, makes it durable in a write-ahead log, confirms it, and
//! brings it into ClickHouse.
//!
//! Order of reading: `fleet` (what messages mean), `intake` and `commit` (when they may be acknowledged),
//! `drain` (how rows reach the database exactly once), `actor` (who carries what to whom), `service`
//! (how it all starts and stops).

pub mod actor;
mod clock;
pub mod commit;
pub mod config;
pub mod drain;
pub mod fleet;
pub mod intake;
pub mod message;
pub mod mqtt;
mod outlet;
mod restore;
mod service;

pub use service::{ServiceError, run};
