//! 更新程序并重启: apply the downloaded package; the next 登录 must show its version.

use serde::{Deserialize, Serialize};

use super::Setting;

/// 更新程序并重启
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateAndRestart {
    /// `配置列表`
    #[serde(rename = "配置列表", default)]
    pub settings: Vec<Setting>,
    /// `子设备编号`, usually empty
    #[serde(rename = "子设备编号", default, deserialize_with = "crate::lenient::texts")]
    pub sub_devices: Vec<String>,
}
