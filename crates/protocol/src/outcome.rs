//! `结果`: how something that was asked for went.

use serde::{Deserialize, Serialize};

/// `结果`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// 成功
    #[default]
    #[serde(rename = "成功")]
    Success,
    /// 失败
    #[serde(rename = "失败")]
    Failure,
    /// 待审核: a registration waits for staff.
    #[serde(rename = "待审核")]
    Pending,
}
