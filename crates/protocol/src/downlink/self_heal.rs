//! 无感自愈: restart a module while no gun is charging, without the driver noticing.

use serde::{Deserialize, Serialize};

/// 无感自愈
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfHeal {
    /// `策略`
    #[serde(rename = "策略", default, deserialize_with = "crate::lenient::text")]
    pub strategy: String,
}
