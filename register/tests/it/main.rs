//! `register` as a program against real Mosquitto, Redis and ClickHouse: every promise is kept while something is
//! being killed, emptied or taken away.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

mod away;
mod desk;
mod directory;
mod door;
mod emqx;
mod hooks;
mod ledger;
mod storm;
mod world;
