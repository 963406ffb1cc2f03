//! `tcu_sim`: a fleet of piles that behaves, a load generator, and a report of latency and loss.
//!
//! The core ([`pile`]) is pure: time and messages enter, outputs leave. Around it, [`run()`] carries outputs to
//! brokers and messages to piles, keeps the book of every trade record, and says at the end what is missing.

mod clock;
mod fleet;
mod flood;
mod ftp;
mod json;
mod limits;
mod link;
mod options;
pub mod pile;
mod register;
mod report;
mod run;
mod world;

pub use options::{ActingOptions, BadOptions, Options};
pub use report::{
    CommandCounts, Done, HeardCommand, Latency, Record, RecordCounts, Registration, Report, Tally,
};
pub use run::run;
