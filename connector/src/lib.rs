//! `connector`: what takes longer than a request. It works on rows that the web server writes, asks ops_tcu for
//! commands, and writes down what became of them.
//!
//! `leader` lets one connector of several work, `wake` tells the rooms that there is something new, `dispatch` asks
//! for commands and spreads their outcomes. Every other folder is a room: one kind of work, on the rows of its own
//! tables, knowing of the others nothing. A room is entered in `service/rooms.rs`, and gets a [`Ground`].
//!
//! All that a room must remember is in its rows, so that a connector that was killed is continued by the next one.

mod batch;
pub mod config;
pub mod dispatch;
pub mod files;
mod ground;
mod harvest;
mod leader;
mod log_file;
pub mod ota;
pub mod package;
mod schedule;
mod service;
mod wake;

pub use config::{Config, DEFAULTS};
pub use ground::Ground;
pub use service::{ServiceError, run};
pub use wake::{Wake, What};
