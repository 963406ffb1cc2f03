//! The heart: what each message of a pile means. Plain functions and structs, neither actors nor I/O;
//! time and messages go in, rows and replies come out.

mod assets;
mod commands;
mod gun;
mod ids;
mod on;
mod output;
mod session;
mod shard;
mod stamp;
mod state;
mod tally;
mod traffic;
mod turn;
mod warn_names;
mod warning;

pub use assets::Assets;
pub use commands::Retry;
pub use ids::DeviceIds;
pub use on::KeptCommand;
pub use output::Output;
pub use shard::Shard;
pub use turn::{Core, Rules};
pub use warn_names::{Definition, WarnNames};

#[cfg(test)]
mod command_tests;
#[cfg(test)]
mod tests;
