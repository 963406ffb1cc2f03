//! Commands that services ask for on `PXY`: taken, sent when their turn comes, followed to their end.
//!
//! What is asked for is read in `asked`, goes out in `deliver`, is told and put on record in `report`; `kept` is
//! what a start finds of an earlier process.

mod asked;
mod deliver;
mod kept;
mod report;

pub(in crate::fleet) use asked::{proxied, to_nobody};
pub(in crate::fleet) use deliver::{back, cancel, expire, send_from, send_ready};
pub use kept::KeptCommand;
pub(in crate::fleet) use kept::{orphan, restore};
pub(super) use report::{Step, end, late, step};

/// Its 应答 says that the pile is at it; it ends with 日志上传完成.
pub(super) const SUMMON_LOG: &str = "日志召唤";
