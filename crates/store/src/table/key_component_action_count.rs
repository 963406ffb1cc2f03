//! `key_component_action_count`: how often a contactor, breaker, … switched since the last confirmed answer
//! (关键器件动作应答). The counts are increments that staff add up without FINAL.

use std::collections::HashSet;

use clickhouse::Row;
use serde::Deserialize;

use super::known;
use crate::{Clickhouse, StoreError, Table, rowbinary::table_row};

table_row! {
    crate::Table::KeyComponentActionCount;
    /// One component's increments. Identity: [`Identity`].
    pub struct KeyComponentActionCount<'a> {
        /// Ordering time, Unix ms: `pile_time`, or `recv_time` where the pile's clock is skewed.
        pub timestamp: i64,
        /// 系统时间, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// The pile.
        pub device_id: u64,
        /// 数据分区.
        pub device_zone: &'a str,
        /// 器件类型.
        pub key_component_name: &'a str,
        /// 正常次数, since the last confirmed answer.
        pub switching_cycles: u64,
        /// 异常次数, since the last confirmed answer.
        pub abnormal_switching_cycles: u64,
        /// The message's reqid.
        pub reqid: u32,
    }
}

/// What makes an answer's line one increment, however often its pile sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    /// 系统时间, Unix ms; with 0 (absent) a line has no identity and is never known.
    pub pile_time: i64,
    /// The pile.
    pub device_id: u64,
    /// 数据分区.
    pub device_zone: &'a str,
    /// 器件类型.
    pub key_component_name: &'a str,
}

impl<'a> From<&KeyComponentActionCount<'a>> for Identity<'a> {
    fn from(row: &KeyComponentActionCount<'a>) -> Self {
        let KeyComponentActionCount {
            pile_time,
            device_id,
            device_zone,
            key_component_name,
            ..
        } = *row;
        Self {
            pile_time,
            device_id,
            device_zone,
            key_component_name,
        }
    }
}

#[derive(Row, Deserialize)]
struct Found {
    pile_time: i64,
    device_id: u64,
    device_zone: String,
    key_component_name: String,
}

impl Found {
    fn identity(&self) -> Identity<'_> {
        Identity {
            pile_time: self.pile_time,
            device_id: self.device_id,
            device_zone: &self.device_zone,
            key_component_name: &self.key_component_name,
        }
    }
}

const FIELDS: &str = "pile_time, device_id, device_zone, key_component_name";

/// Which of these the table already holds, in their order; the module `known` says how they are found.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn existing(db: &Clickhouse, lines: &[Identity<'_>]) -> Result<Vec<bool>, StoreError> {
    let mut known = Vec::with_capacity(lines.len());
    for chunk in lines.chunks(known::PER_QUERY) {
        let keys = chunk.iter().map(|line| (line.pile_time, line.device_id));
        let query = known::query(db, Table::KeyComponentActionCount, FIELDS, keys);
        let rows = db.rows::<Found>("the known component counts", query).await?;
        let found: HashSet<_> = rows.iter().map(Found::identity).collect();
        known.extend(
            chunk
                .iter()
                .map(|line| line.pile_time != 0 && found.contains(line)),
        );
    }
    Ok(known)
}
