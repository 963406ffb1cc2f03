//! 下载: the pile fetches a file by FTP; 下载进度 and then 下载应答 come back.

use serde::{Deserialize, Serialize};

use crate::Password;

/// 下载
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// `文件类型`
    #[serde(rename = "文件类型")]
    pub file_type: FileType,
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
    /// `FTP路径`
    #[serde(rename = "FTP路径", default, deserialize_with = "crate::lenient::text")]
    pub path: String,
    /// `字节数`
    #[serde(rename = "字节数", default, deserialize_with = "crate::lenient::number")]
    pub bytes: u64,
    /// `MD5`, in hex
    #[serde(rename = "MD5", default, deserialize_with = "crate::lenient::text")]
    pub md5: String,
    /// `数字签名`
    #[serde(rename = "数字签名", default, deserialize_with = "crate::lenient::text")]
    pub signature: String,
    /// `版本号`
    #[serde(rename = "版本号", default, deserialize_with = "crate::lenient::text")]
    pub version: String,
    /// `子设备编号`, usually empty
    #[serde(rename = "子设备编号", default, deserialize_with = "crate::lenient::texts")]
    pub sub_devices: Vec<String>,
}

/// `文件类型`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileType {
    /// 程序包
    #[serde(rename = "程序包")]
    Program,
    /// 配置文件
    #[serde(rename = "配置文件")]
    Configuration,
}
