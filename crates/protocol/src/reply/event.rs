//! 事件确认: a 事件上送 or 告警 is durable.

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// 事件确认
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventConfirmation {
    /// `结果`
    #[serde(rename = "结果", default)]
    pub outcome: Outcome,
}
