//! What a campaign decides: plain functions, without I/O and without a clock of their own.

pub mod campaign;
mod clock;
pub mod lot;
pub mod pile;
pub mod rail;
mod version;

pub use clock::Openness;
pub use version::same_version;
