//! 日志召唤: the pile uploads a log by FTP and says 日志上传完成.

use serde::{Deserialize, Serialize};

use crate::Password;

/// 日志召唤
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummonLog {
    /// `服务器地址`
    #[serde(rename = "服务器地址", default, deserialize_with = "crate::lenient::text")]
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
    /// `FTP路径`, `/ops/{uuid}/upload/log/{file}`
    #[serde(rename = "FTP路径", default, deserialize_with = "crate::lenient::text")]
    pub path: String,
    /// `文件名`
    #[serde(rename = "文件名", default, deserialize_with = "crate::lenient::text")]
    pub file_name: String,
}
