//! What a running service says of itself, as it lies in Redis: written by every service, read by the web server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One running service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// The service, such as `ops_tcu`.
    pub name: String,
    /// Which of several.
    pub instance: String,
    /// Its version.
    pub version: String,
    /// When it started, Unix ms.
    pub started: i64,
    /// When it said this, Unix ms.
    pub at: i64,
    /// Every dependency by name: `ok`, or why it is not.
    pub checks: BTreeMap<String, String>,
    /// Its figures by name. What ends in `_per_second` is the mean since it spoke before.
    pub figures: BTreeMap<String, f64>,
}

/// How often a service speaks, seconds.
pub const SPEAKS_EVERY: u64 = 10;
/// After so long without a word it counts as gone, ms.
pub const GONE_AFTER: i64 = 35_000;
/// After so long nobody asks for it any more, ms.
pub const FORGOTTEN_AFTER: i64 = 24 * 3600 * 1000;
