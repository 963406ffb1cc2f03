//! 充电记录确认: a promise that the record is durable; the pile forgets it.

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// 充电记录确认
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeRecordConfirmation {
    /// `交易流水号`, as the pile sent it
    #[serde(rename = "交易流水号", default, deserialize_with = "crate::lenient::text")]
    pub trade_number: String,
    /// `结果`
    #[serde(rename = "结果", default)]
    pub outcome: Outcome,
}
