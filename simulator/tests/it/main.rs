//! The whole simulator against a real broker and a platform that is no more than its confirmations.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broker;
mod cli;
mod fleet;
mod flood;
mod ftp;
mod ftp_server;
mod platform;
mod register;
mod site;

use clap::Parser;
use common::shutdown::Shutdown;
use simulator::{Options, Report};

/// Runs `tcu_sim` in this process.
async fn simulate(broker: &broker::Broker, arguments: &str) -> Report {
    simulator::run(options(broker, arguments), Shutdown::new())
        .await
        .unwrap()
}

fn options(broker: &broker::Broker, arguments: &str) -> Options {
    let address = broker.address();
    let all = ["tcu_sim", "--quiet", "--brokers", &address]
        .into_iter()
        .chain(arguments.split_whitespace());
    Options::try_parse_from(all).unwrap()
}
