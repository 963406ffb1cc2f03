//! 更新ID: give the TCU another uuid.

use serde::{Deserialize, Serialize};

use crate::Uuid;

/// 更新ID
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeUuid {
    /// `uuid`
    #[serde(rename = "uuid")]
    pub uuid: Uuid,
    /// `出厂编号`: which TCU is meant, where two read the same topic; none: whoever hears it. Firmware that does
    /// not know the key ignores it.
    #[serde(rename = "出厂编号", default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
}
