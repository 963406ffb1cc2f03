//! 关闭运维: stop all uplink but 登录.

use serde::{Deserialize, Serialize};

/// 关闭运维
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopOperations {}
