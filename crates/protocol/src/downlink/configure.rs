//! 参数配置: write parameters.

use serde::{Deserialize, Serialize};

use super::Setting;

/// 参数配置
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configure {
    /// `配置列表`
    #[serde(rename = "配置列表", default)]
    pub settings: Vec<Setting>,
}
