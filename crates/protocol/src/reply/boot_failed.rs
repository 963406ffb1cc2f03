//! 启动失败原因确认: a 启动失败原因 is durable.

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// 启动失败原因确认
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootFailedConfirmation {
    /// `交易流水号`, as the pile sent it
    #[serde(rename = "交易流水号", default, deserialize_with = "crate::lenient::text")]
    pub trade_number: String,
    /// `结果`
    #[serde(rename = "结果", default)]
    pub outcome: Outcome,
}
