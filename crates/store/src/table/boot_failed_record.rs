//! `boot_failed_record`: a charge that failed to start (启动失败原因).

use std::collections::HashSet;

use clickhouse::Row;
use serde::Deserialize;

use super::known;
use crate::{Clickhouse, StoreError, Table, rowbinary::table_row};

table_row! {
    crate::Table::BootFailedRecord;
    /// One failed start. Identity: [`Identity`].
    pub struct BootFailedRecord<'a> {
        /// Ordering time, Unix ms: `pile_time`, or `recv_time` where the pile's clock is skewed.
        pub timestamp: i64,
        /// 系统时间, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// Device type of the pile at that time.
        pub dt_id: u64,
        /// 交易流水号.
        pub trade_id: &'a str,
        /// The pile.
        pub device_id: u64,
        /// 数据分区.
        pub device_zone: &'a str,
        /// 枪号.
        pub gun_num: u8,
        /// 产生时间 as the pile wrote it (the user's column).
        pub app_time: &'a str,
        /// 产生时间, Unix ms; 0 = absent or unreadable.
        pub generate_time: i64,
        /// 失败原因, the whole text: what staff read under this name today.
        pub failed_code: &'a str,
        /// The hexadecimal code of the text as the pile wrote it (`0X68`); empty where there is none.
        pub failed_hex: &'a str,
        /// The party at fault (车辆原因); empty where there is none.
        pub failed_party: &'a str,
        /// The text after the dash (BRM报文接收超时).
        pub failed_text: &'a str,
        /// 充电方式.
        pub charge_way: &'a str,
        /// Percent; 0 where the pile did not say.
        pub start_soc: u8,
        /// 车辆VIN码, cleaned.
        pub vin: &'a str,
        /// The message's reqid.
        pub reqid: u32,
    }
}

/// What makes a failed start one event, however often its pile sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    /// 系统时间, Unix ms; with 0 (absent) an event has no identity and is never known.
    pub pile_time: i64,
    /// 交易流水号.
    pub trade_id: &'a str,
    /// The pile.
    pub device_id: u64,
    /// 数据分区.
    pub device_zone: &'a str,
    /// 失败原因, the whole text.
    pub failed_code: &'a str,
}

impl<'a> From<&BootFailedRecord<'a>> for Identity<'a> {
    fn from(row: &BootFailedRecord<'a>) -> Self {
        let BootFailedRecord {
            pile_time,
            trade_id,
            device_id,
            device_zone,
            failed_code,
            ..
        } = *row;
        Self {
            pile_time,
            trade_id,
            device_id,
            device_zone,
            failed_code,
        }
    }
}

#[derive(PartialEq, Eq, Hash, Row, Deserialize)]
struct Found {
    pile_time: i64,
    trade_id: String,
    device_id: u64,
    device_zone: String,
    failed_code: String,
}

impl Found {
    fn identity(&self) -> Identity<'_> {
        Identity {
            pile_time: self.pile_time,
            trade_id: &self.trade_id,
            device_id: self.device_id,
            device_zone: &self.device_zone,
            failed_code: &self.failed_code,
        }
    }
}

const FIELDS: &str = "pile_time, trade_id, device_id, device_zone, failed_code";

/// Which of these the table already holds, in their order; the module `known` says how they are found.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn existing(db: &Clickhouse, events: &[Identity<'_>]) -> Result<Vec<bool>, StoreError> {
    let mut known = Vec::with_capacity(events.len());
    for chunk in events.chunks(known::PER_QUERY) {
        let query = known::query(
            db,
            Table::BootFailedRecord,
            FIELDS,
            chunk.iter().map(|e| (e.pile_time, e.device_id)),
        );
        let rows = db.rows::<Found>("the known failed starts", query).await?;
        let found: HashSet<_> = rows.iter().map(Found::identity).collect();
        known.extend(
            chunk
                .iter()
                .map(|event| event.pile_time != 0 && found.contains(event)),
        );
    }
    Ok(known)
}
