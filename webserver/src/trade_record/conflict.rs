//! Charges whose number had come before with other contents.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::REPEATS;
use crate::ground::{Cell, Column, Listed, NAMELESS, Repeats, Shown, column};

/// A charge that conflicts with the first of its number.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct Conflict {
    /// 时间, 毫秒 When it was reported, Unix ms
    timestamp: i64,
    /// 接收时间, 毫秒 Received, Unix ms
    recv_time: i64,
    /// 桩编号 Pile
    device_id: u64,
    /// 通信编号 The pile's uuid
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 枪号 Gun, from 1
    gun_num: u8,
    /// 交易流水号 Trade number
    trade_id: String,
    /// 充电电量, kWh Energy, kWh
    energy: Option<f64>,
    /// 开始时间, 毫秒, 0=未上报 Start, Unix ms, 0 = not said
    start_time: i64,
    /// 结束时间, 毫秒, 0=未上报 End, Unix ms, 0 = not said
    end_time: i64,
    /// 原始报文, 需要权限 trade_record:amount The message as text; only with the permission trade_record:amount
    #[serde(skip_serializing_if = "String::is_empty")]
    raw: String,
    /// 原始报文的字节, 仅非UTF-8时, base64 Its bytes in base64, only where they are not UTF-8
    #[serde(skip_serializing_if = "String::is_empty")]
    raw_base64: String,
}

impl Conflict {
    /// The message has the amount in it.
    pub(super) fn hide_amount(&mut self) {
        self.raw.clear();
        self.raw_base64.clear();
    }
}

impl Listed for Conflict {
    const WHAT: &'static str = "trade_record_conflict";
    const FROM: &'static str = "trade_record";
    const NAMELESS: &'static [(&'static str, &'static str)] = NAMELESS;
    const COMPUTED: &'static [(&'static str, &'static str)] = &[
        ("energy", "toFloat64(energy)"),
        ("raw", "toValidUTF8(trade_record.raw)"),
        (
            "raw_base64",
            "if(isValidUTF8(trade_record.raw), '', base64Encode(trade_record.raw))",
        ),
    ];
    const REPEATS: Option<Repeats> = Some(REPEATS);
    const SORT: &'static [&'static str] = &["timestamp", "device_id", "trade_id"];
    const ORDER: &'static str = "timestamp DESC, device_id DESC, trade_id DESC, content_hash DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "Time", |row| Cell::Time(row.timestamp)),
        column("场站", "Station", |row| Cell::Text(row.sta_name.clone())),
        column("资产名称", "Pile", |row| Cell::Text(row.ass_name.clone())),
        column("通信编号", "uuid", |row| Cell::Text(row.uuid.clone())),
        column("枪号", "Gun", |row| Cell::Number(row.gun_num.into())),
        column("交易流水号", "Trade number", |row| {
            Cell::Text(row.trade_id.clone())
        }),
        column("充电电量(kWh)", "Energy (kWh)", |row| {
            row.energy.map_or(Cell::Text(String::new()), Cell::Number)
        }),
        column("开始时间", "Start", |row| Cell::Time(row.start_time)),
        column("结束时间", "End", |row| Cell::Time(row.end_time)),
        column("原始报文", "Message", |row| Cell::Text(row.raw.clone())),
    ];

    fn pile(&mut self) -> Option<Shown<'_>> {
        Some(Shown {
            device_id: self.device_id,
            uuid: Some(&mut self.uuid),
            model: None,
            ass_name: &mut self.ass_name,
            sta_id: &mut self.sta_id,
            sta_name: &mut self.sta_name,
        })
    }
}
