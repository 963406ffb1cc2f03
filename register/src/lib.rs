//! `register`: who a pile is, and what it may do.
//!
//! `model` and `access` decide, without I/O: what a request for registration leads to, what a state allows, which
//! topics an account may use. The other rooms carry: `ledger` keeps registrations and uuids in ClickHouse and
//! Redis, `desk` answers requests for registration, `operations` are what staff do, `watch` looks at logins,
//! `directory` holds every account in memory for `http`, where a broker asks whom to let in, and `broker`
//! tells a broker that keeps accounts of its own.

pub mod access;
pub mod broker;
pub mod config;
pub mod desk;
pub mod directory;
pub mod http;
pub mod ledger;
pub mod model;
pub mod operations;
pub mod provision;
mod service;
pub mod watch;

pub use config::{Config, DEFAULTS};
pub use ledger::{Ledger, LedgerError};
pub use service::{ServiceError, run};
