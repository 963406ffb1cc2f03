//! `trade_record`: a finished charge (充电记录). Identity: the pile and its number; a record that repeats a
//! known number with other contents is kept beside the first as a conflict.

use clickhouse::Row;
use serde::Deserialize;

use super::known;
use crate::{
    Clickhouse, StoreError,
    rowbinary::{Milli64, table_row},
};

table_row! {
    crate::Table::TradeRecord;
    /// One charge. A field that the pile did not send is `None`, 0 or empty.
    pub struct TradeRecord<'a> {
        /// Ordering time, Unix ms: `pile_time`, or `recv_time` where the pile's clock is skewed or absent.
        pub timestamp: i64,
        /// 系统时间 of the message, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// The pile.
        pub device_id: u64,
        /// 数据分区; empty where the record has none.
        pub device_zone: &'a str,
        /// 枪号.
        pub gun_num: u8,
        /// 交易流水号, unique on one pile.
        pub trade_id: &'a str,
        /// Hash of the charge's own fields (neither reqid nor 系统时间): tells a resend from a conflict.
        pub content_hash: u64,
        /// 0 = the first record of this number, 1 = the same number with other contents.
        pub conflict: u8,
        /// The message's reqid.
        pub reqid: u32,
        /// 车辆VIN码, cleaned.
        pub vin: &'a str,
        /// The VIN's bytes as received, hex, where cleaning changed them; else empty.
        pub vin_raw_hex: &'a str,
        /// 充电方式.
        pub charge_way: &'a str,
        /// 开始时间, Unix ms; 0 = absent.
        pub start_time: i64,
        /// 结束时间, Unix ms; 0 = absent.
        pub end_time: i64,
        /// 开始SOC, percent.
        pub start_soc: Option<u8>,
        /// 结束SOC, percent.
        pub end_soc: Option<u8>,
        /// 开始电表读数, kWh.
        pub start_meter: Option<Milli64>,
        /// 结束电表读数, kWh.
        pub end_meter: Option<Milli64>,
        /// 充电电量, kWh.
        pub energy: Option<Milli64>,
        /// 尖电量, kWh.
        pub energy_sharp: Option<Milli64>,
        /// 峰电量, kWh.
        pub energy_peak: Option<Milli64>,
        /// 平电量, kWh.
        pub energy_flat: Option<Milli64>,
        /// 谷电量, kWh.
        pub energy_valley: Option<Milli64>,
        /// 充电时长, minutes.
        pub charged_minutes: Option<u32>,
        /// 停止原因.
        pub stop_reason: &'a str,
        /// 金额, yuan.
        pub amount: Option<Milli64>,
        /// The payload as received, only for a conflict or where reading it changed something.
        pub raw: &'a [u8],
    }
}

/// What the table holds under a number of a pile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Row, Deserialize)]
pub struct Existing {
    /// The pile.
    pub device_id: u64,
    /// 交易流水号.
    pub trade_id: String,
    /// Which contents.
    pub content_hash: u64,
}

/// The records that the table already holds under these numbers, each contents once. A point read on the
/// primary key per number, whatever the table's size.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn existing(db: &Clickhouse, numbers: &[(u64, &str)]) -> Result<Vec<Existing>, StoreError> {
    let sql = "SELECT DISTINCT device_id, trade_id, content_hash FROM trade_record \
               WHERE (device_id, trade_id) IN ?";
    let mut found = Vec::new();
    for chunk in numbers.chunks(known::PER_QUERY) {
        let query = db.client().query(sql).bind(chunk);
        found.extend(db.rows::<Existing>("the known trade records", query).await?);
    }
    Ok(found)
}
