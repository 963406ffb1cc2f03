//! 桩启用: put a gun or the pile back into service.

use serde::{Deserialize, Serialize};

/// 桩启用
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnablePile {
    /// `枪号`, 0 for the whole pile
    #[serde(rename = "枪号", default, deserialize_with = "crate::lenient::number")]
    pub gun: u8,
    /// `原因`
    #[serde(rename = "原因", default, deserialize_with = "crate::lenient::text")]
    pub reason: String,
}
