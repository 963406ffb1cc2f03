//! Charges that could not become rows: kept whole, so that nothing is lost.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::{Cell, Column, Listed, column, nameless, shown};

/// What could not become a row.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct Quarantined {
    /// 接收时间, 毫秒 Received, Unix ms
    recv_time: i64,
    /// 桩编号, 0=未知 Pile, 0 = unknown
    device_id: u64,
    /// 通信编号 The uuid with which it was sent
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 主题 Topic
    topic: String,
    /// 目标表, 空=未知 The table it was meant for, empty = unknown
    table_name: String,
    /// 原因 Why it is here
    reason: String,
    /// 错误详情 The error in full
    error: String,
    /// 交易流水号 Trade number, where it could be read
    trade_id: String,
    /// 报文字节数 Size, bytes
    size: u64,
    /// 报文文本, 需要权限 trade_record:amount Its text; only with the permission trade_record:amount
    #[serde(skip_serializing_if = "String::is_empty")]
    payload: String,
    /// 报文字节, 仅非UTF-8时, base64 Its bytes in base64, only where they are not UTF-8
    #[serde(skip_serializing_if = "String::is_empty")]
    payload_base64: String,
}

impl Quarantined {
    /// The message may have an amount in it, and an error may cite it.
    pub(super) fn hide_payload(&mut self) {
        self.error.clear();
        self.payload.clear();
        self.payload_base64.clear();
    }
}

impl Listed for Quarantined {
    const WHAT: &'static str = "trade_record_quarantine";
    const FROM: &'static str = concat!(
        "(SELECT ",
        nameless!(own uuid),
        ", recv_time, device_id, uuid, topic, table_name, reason, error, trade_id, \
         length(quarantine.payload) AS size, sipHash64(quarantine.payload) AS identity, \
         if(isValidUTF8(quarantine.payload), '', base64Encode(quarantine.payload)) AS payload_base64, \
         toValidUTF8(quarantine.payload) AS payload FROM quarantine FINAL)"
    );
    const SORT: &'static [&'static str] = &["recv_time", "device_id", "trade_id", "reason"];
    const ORDER: &'static str = "recv_time DESC, device_id, trade_id, uuid, table_name, reason, identity";
    const COLUMNS: &'static [Column<Self>] = &[
        column("接收时间", "Received", |row| Cell::Time(row.recv_time)),
        column("场站", "Station", |row| Cell::Text(row.sta_name.clone())),
        column("资产名称", "Pile", |row| Cell::Text(row.ass_name.clone())),
        column("通信编号", "uuid", |row| Cell::Text(row.uuid.clone())),
        column("主题", "Topic", |row| Cell::Text(row.topic.clone())),
        column("交易流水号", "Trade number", |row| {
            Cell::Text(row.trade_id.clone())
        }),
        column("原因", "Reason", |row| Cell::Text(row.reason.clone())),
        column("错误详情", "Error", |row| Cell::Text(row.error.clone())),
        column("报文", "Message", |row| Cell::Text(row.payload.clone())),
    ];

    shown!(own uuid);
}
