//! 重启: restart the TCU.

use serde::{Deserialize, Serialize};

/// 重启
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restart {
    /// `延时_秒`
    #[serde(rename = "延时_秒", default, deserialize_with = "crate::lenient::number")]
    pub delay_seconds: u32,
}
