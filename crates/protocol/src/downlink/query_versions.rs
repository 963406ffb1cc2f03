//! 软件版本查询: the versions of TCU and sub-devices.

use serde::{Deserialize, Serialize};

/// 软件版本查询
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryVersions {}
