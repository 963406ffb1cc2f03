//! What is to run, in which order, and what to do when it ends: decisions only, no I/O.

mod ports;
mod progress;
mod restarts;
mod service;
pub mod settings;

pub use ports::{Listener, Ports, loopback};
pub use progress::{Life, Progress};
pub use restarts::{Restarts, Verdict};
pub use service::Service;
