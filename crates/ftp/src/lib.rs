//! FTP as piles speak it: an embedded server in which a pile sees exactly what it was granted, and a client
//! whose every step has a deadline.
//!
//! Knows uuids and the folders that are fixed in the field; knows neither Redis nor ClickHouse, nor what a log or
//! a package is for.

mod client;
mod grant;
mod path;
mod server;

pub use client::{Client, ClientError, Target, Timeouts};
pub use grant::{Credentials, Direction, Grant};
pub use path::{FileName, NameError, OpsPath};
pub use server::{Grants, PublicAddress, Server, ServerError, ServerOptions};
