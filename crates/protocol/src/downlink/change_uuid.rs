//! 更新ID: give the TCU another uuid.

use serde::{Deserialize, Serialize};

use crate::Uuid;

/// 更新ID
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeUuid {
    /// `uuid`
    #[serde(rename = "uuid")]
    pub uuid: Uuid,
}
