//! 对时: set the pile's clock.

use serde::{Deserialize, Serialize};

use crate::PileTime;

/// 对时
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetClock {
    /// `系统时间`
    #[serde(rename = "系统时间")]
    pub time: PileTime,
}
