//! 关键器件动作确认: the counts are durable; the pile counts from zero again.

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// 关键器件动作确认
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyComponentConfirmation {
    /// `结果`
    #[serde(rename = "结果", default)]
    pub outcome: Outcome,
}
