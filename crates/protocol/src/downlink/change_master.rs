//! 更新主站: the pile moves to another broker, and back if it cannot reach it.

use serde::{Deserialize, Serialize};

use crate::Password;

/// 更新主站
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeMaster {
    /// `服务器IP`
    #[serde(rename = "服务器IP", default, deserialize_with = "crate::lenient::text")]
    pub server: String,
    /// `端口`
    #[serde(rename = "端口", default, deserialize_with = "crate::lenient::number")]
    pub port: u16,
    /// `用户名`
    #[serde(rename = "用户名", default, deserialize_with = "crate::lenient::text")]
    pub user: String,
    /// `密码`
    #[serde(rename = "密码", default)]
    pub password: Password,
}
