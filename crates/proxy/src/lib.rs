//! Asking ops_tcu for commands to piles: `PXY/{uuid}/cmd` out, `PXY/{uuid}/resp` in.
//!
//! ops_tcu alone speaks commands to piles. Whoever wants one says so here with a mark of its own ([`Ask`]) and hears
//! what becomes of it ([`Outcome`]). The mark is what makes asking safe to repeat: the same mark again is no second
//! command, ops_tcu publishes where the first one stands. Outcomes come at least once, so receivers put up with
//! repeats.
//!
//! Knows topics and the shape of the JSON; not what commands are for.

mod ask;
mod client;
mod link;
mod options;
mod outbox;
mod outcome;

pub use ask::{Ask, AskError, LONGEST_MARK, LONGEST_SOURCE, LONGEST_TIMEOUT};
pub use client::{Delivered, Following, Proxy, ProxyError, Receipt};
pub use options::ProxyOptions;
pub use outcome::{Outcome, OutcomeError, State};
