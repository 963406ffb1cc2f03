//! 开启运维: resume all uplink.

use serde::{Deserialize, Serialize};

/// 开启运维
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeOperations {}
