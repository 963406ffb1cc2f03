//! 注册结果: the uuid and broker credentials of a TCU, on the topic of its serial number.

use serde::{Deserialize, Serialize};

use crate::{Outcome, Password, Uuid};

/// 注册结果
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterResult {
    /// `结果`
    #[serde(rename = "结果", default)]
    pub outcome: Outcome,
    /// `uuid`
    #[serde(rename = "uuid", default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Uuid>,
    /// `用户名`, for the broker
    #[serde(rename = "用户名", default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `密码`, shown this once
    #[serde(rename = "密码", default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// `失败原因`
    #[serde(rename = "失败原因", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
