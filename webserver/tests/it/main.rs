//! The web server against real ClickHouse, Redis and broker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod asset;
mod auth;
mod away;
mod broker_account;
mod command;
#[path = "../fuzzed/data.rs"]
mod data;
mod device_model;
mod distribution;
mod document;
mod foreign;
mod held;
mod hostile;
mod import;
mod log;
mod nasty;
mod organization;
mod ota;
mod parameter;
mod piles;
mod reads;
mod register;
mod registration;
mod registration_access;
mod registration_away;
mod registration_list;
mod repeats;
mod run_data;
mod schedule;
mod selection;
mod server;
mod station;
mod statistics;
mod system;
mod together;
mod user_role;
#[path = "../fuzzed/work.rs"]
mod work;
mod world;
