//! 关键器件动作: ask for the component counters, all zones in one exchange.

use serde::{Deserialize, Serialize};

/// 关键器件动作
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollKeyComponents {}
