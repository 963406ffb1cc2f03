//! chdbd as its users see it: the unmodified `clickhouse` crate and plain HTTP, against the real engine.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

mod deduplication;
mod durability;
mod errors;
mod http;
mod inserts;
mod queries;
mod server;
mod start;
