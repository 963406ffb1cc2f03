//! What an OTA campaign is at rest: its plan, the words of its states, and its report. The web server makes drafts and
//! shows reports, the connector carries campaigns out; `docs/OTA.md` tells the whole.

mod plan;
mod report;
mod word;

pub use plan::{Deadlines, Fault, Plan, Rail, Stage, Window};
pub use report::{ControlComparison, Durations, PileCount, Report, Spread, StageReport, report};
pub use word::{Arm, CampaignState, EventKind, Measure, Owner, Phase, PileState, Request, Verdict};
