//! SIM卡召唤: ICCID, IMSI, operator and signal.

use serde::{Deserialize, Serialize};

/// SIM卡召唤
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuerySim {}
