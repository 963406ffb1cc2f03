//! What staff do, over HTTP against real Mosquitto with its plugin, Redis and ClickHouse; and what the watch finds.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

mod accounts;
mod concurrency;
mod emqx;
mod interface;
mod lifecycle;
mod outage;
mod swap;
mod watch;
mod world;
