//! 登录应答: the pile is known; sets its clock.

use serde::{Deserialize, Serialize};

use crate::{Outcome, PileTime};

/// 登录应答
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginReply {
    /// `系统时间`
    #[serde(rename = "系统时间")]
    pub time: PileTime,
    /// `结果`
    #[serde(rename = "结果", default)]
    pub outcome: Outcome,
}
