//! The service as a program against real Mosquitto, Redis and ClickHouse: what is published becomes rows and
//! replies, and every promise is kept while something is being killed.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

mod assets;
mod bad_input;
mod brokers;
mod command_batch;
mod command_crash;
mod commands;
mod crash;
mod door;
mod full_log;
mod mqtt5;
mod samples;
mod stop;
mod storm;
mod trade;
mod traffic;
mod world;
