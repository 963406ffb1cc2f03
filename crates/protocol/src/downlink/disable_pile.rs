//! 桩禁用: take a gun or the pile out of service.

use serde::{Deserialize, Serialize};

/// 桩禁用
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisablePile {
    /// `枪号`, 0 for the whole pile
    #[serde(rename = "枪号", default, deserialize_with = "crate::lenient::number")]
    pub gun: u8,
    /// `原因`
    #[serde(rename = "原因", default, deserialize_with = "crate::lenient::text")]
    pub reason: String,
}
