//! `schedule`: recurring commands.

use crate::versioned::versioned_row;
use crate::{Clickhouse, StoreError};

versioned_row! {
    crate::Table::Schedule, key(schedule_id);
    /// A version of one row.
    #[derive(Eq)]
    pub struct Schedule {
        /// The schedule.
        pub schedule_id: u64,
        /// Its name.
        pub name: String,
        /// Command: 关键器件动作, SIM卡召唤, 对时, 软件版本查询, 参数查询.
        pub command: String,
        /// The command's fields, JSON.
        pub request: String,
        /// Cron expression, Asia/Shanghai.
        pub cron: String,
        /// The piles are spread over this many seconds; a pile keeps its place.
        pub spread_s: u32,
        /// Which piles, JSON.
        pub selection: String,
        /// 1 = piles that are offline are left out.
        pub skip_offline: u8,
        /// Piles asked per second, 0 = the connector's own limit.
        pub rate_per_s: u32,
        /// How long each command may take, s.
        pub timeout_s: u32,
        /// 1 = runs.
        pub enabled: u8,
        /// Organization whose people see it, 0 = all.
        pub organization_id: u64,
        /// Account of whoever made it.
        pub created_by: String,
        /// Made, Unix ms; nothing before it was missed.
        pub created_time: i64,
    }
}

/// Whether a schedule that is enabled asks for this 命令.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn is_scheduled(db: &Clickhouse, command: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count() FROM schedule FINAL WHERE flag_del = 0 AND enabled = 1 AND command = ?";
    let counts: Vec<u64> = db.rows("schedules", db.client().query(sql).bind(command)).await?;
    Ok(counts.into_iter().any(|count| count > 0))
}
