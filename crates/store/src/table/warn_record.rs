//! `warn_record`: warnings of piles and of the platform itself. A row is a version of one warning: raised,
//! counted up, closed; the newest `recv_time` counts.

use clickhouse::Row;
use serde::Deserialize;

use crate::rowbinary::{Put, table_row};
use crate::{Clickhouse, StoreError};

/// Whether the warning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(i8)]
pub enum State {
    /// 发生.
    #[default]
    Raised = 1,
    /// 恢复.
    Recovered = 2,
}

impl Put for State {
    const TYPE: &'static str = "Enum8('发生' = 1, '恢复' = 2)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (*self as i8).put(out);
    }
}

/// Who noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(i8)]
pub enum Source {
    /// 桩.
    #[default]
    Pile = 1,
    /// 平台.
    Platform = 2,
}

impl Put for Source {
    const TYPE: &'static str = "Enum8('桩' = 1, '平台' = 2)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (*self as i8).put(out);
    }
}

table_row! {
    crate::Table::WarnRecord;
    /// A version of one warning. Identity: pile, zone, code, generate time. Every version repeats the first
    /// one's `timestamp` and `generate_time`: the month of `timestamp` is the partition, and versions in
    /// different partitions are never merged.
    pub struct WarnRecord<'a> {
        /// Ordering time of the occurrence, Unix ms.
        pub timestamp: i64,
        /// 系统时间 of the message that caused this version, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received that message, Unix ms: the version.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// The pile.
        pub device_id: u64,
        /// 数据分区.
        pub device_zone: &'a str,
        /// 告警代码.
        pub warn_code: &'a str,
        /// 告警名称.
        pub warn_name: &'a str,
        /// Level, from `warn_level_def`; 0 = not defined.
        pub warn_level: u8,
        /// Class, from `warn_class_def`; empty = not defined.
        pub warn_class: &'a str,
        /// Raised or recovered.
        pub state: State,
        /// The pile or the platform.
        pub source: Source,
        /// 产生时间, Unix ms.
        pub generate_time: i64,
        /// 恢复时间, Unix ms; 0 = still open.
        pub recover_time: i64,
        /// Occurrences folded into this warning.
        pub count: u32,
        /// 附加信息.
        pub extra: &'a str,
        /// The message's reqid.
        pub reqid: u32,
    }
}

/// A warning of the platform itself, as far as it can be counted into.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Platform {
    /// The pile.
    pub device_id: u64,
    /// Its version, Unix ms.
    pub recv_time: i64,
    /// When it was raised, Unix ms.
    pub generate_time: i64,
    /// Occurrences folded into it.
    pub count: u32,
    /// 附加信息.
    pub extra: String,
}

/// The platform's warnings with this code that were raised since, Unix ms.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn of_platform_since(db: &Clickhouse, code: &str, since: i64) -> Result<Vec<Platform>, StoreError> {
    let sql = "SELECT device_id, recv_time, generate_time, count, extra FROM warn_record FINAL \
               WHERE timestamp >= ? AND generate_time >= ? AND warn_code = ? AND source = '平台'";
    let query = db.client().query(sql).bind(since).bind(since).bind(code);
    db.rows("the platform's warnings", query).await
}
