//! Looks at logins: which uuids have come into service, and which of them two TCUs share.
//!
//! `turns` and `fresh` decide, without I/O.

mod fresh;
mod turns;

pub use fresh::Fresh;
pub use turns::{Mark, Sighting, Suspicion, Turns};
