//! OTA campaigns with a safety rail. `model` decides, without I/O; `runner` reads what the world says, carries the
//! decisions out, and writes them down. `docs/OTA.md` tells the whole.

pub mod model;
mod runner;

pub(crate) use runner::start;
