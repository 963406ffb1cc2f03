//! The closed door: the real Mosquitto with its plugin and the rules as they are rendered for it.
#![allow(clippy::unwrap_used, reason = "a test says so by failing")]

mod client;
mod closed;
mod house;
mod keeping;
mod matrix;
mod step;
mod tools;
