//! 参数查询: read parameters; the answer brings their values.

use serde::{Deserialize, Serialize};

use super::Setting;

/// 参数查询
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryConfiguration {
    /// `配置列表`, the values empty
    #[serde(rename = "配置列表", default)]
    pub settings: Vec<Setting>,
}
