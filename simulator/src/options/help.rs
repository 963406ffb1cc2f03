//! What `--help` says after the options.

use clap::ValueEnum as _;

use crate::pile::fault::Fault;

/// The kinds of faults, exit codes, limits, examples.
pub(super) fn after() -> String {
    let lines = Fault::value_variants().iter().filter_map(|fault| {
        let value = fault.to_possible_value()?;
        Some(format!("  {:14} {}\n", value.get_name(), value.get_help()?))
    });
    format!("Faults:\n{}{AFTER}", lines.collect::<String>())
}

const AFTER: &str = "
Exit code: 0 every trade record is confirmed, 3 some are not, 64 bad options, 1 another failure.

One connection takes one file descriptor: `ulimit -n 20000` carries 18,000 piles. More piles in several processes:
  tcu_sim --piles 18000 &
  tcu_sim --piles 18000 --offset 18000 &
One source address reaches one broker address by about 28,000 connections; further ones need more addresses.

Examples:
  tcu_sim --speed 60 --charge-rate 20 --duration 2m        a lively demo
  tcu_sim --flood --rate 5000 --duration 1m --json -       5,000 messages/s, 50 of them trade records
  tcu_sim --register --credentials fleet.json --piles 50   from factory number to running, behind a closed door
  tcu_sim --software V2.0.0 --build V3.0.0:boot-failure=0.09 --fault stuck=0.01,flaky=0.01   a bad build to roll out";
