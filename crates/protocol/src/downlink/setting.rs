//! One parameter of a `配置列表`.

use serde::{Deserialize, Serialize};

/// A parameter by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// `名称`
    #[serde(rename = "名称", default, deserialize_with = "crate::lenient::text")]
    pub name: String,
    /// `值`
    #[serde(rename = "值", default, deserialize_with = "crate::lenient::text")]
    pub value: String,
}
