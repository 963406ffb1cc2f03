//! Looks at logins: which uuids have come into service, and which of them two TCUs share.
//!
//! `turns`, `fresh`, `reading` and `warnings` decide, without I/O; `promote`, `duplicate` and `mend` carry out; the
//! poller below reads `login_record` over and over. Any number of registers may do so: what they find has the same
//! identity in all of them, and what they change is changed under locks.

mod duplicate;
mod fresh;
mod mend;
mod poller;
mod promote;
mod reading;
mod seen;
mod turns;
mod warnings;

pub use fresh::Fresh;
pub use poller::Watch;
pub use turns::{Mark, Sighting, Suspicion, Turns};
