//! A failure as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::{Cell, Column, Listed, NAMELESS, Repeats, column, shown};

/// A charge that failed to start.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct BootFailure {
    /// 时间, 毫秒 When, Unix ms
    pub(super) timestamp: i64,
    /// 接收时间, 毫秒 Received, Unix ms
    recv_time: i64,
    /// 产生时间, 毫秒, 0=无法识别 When it failed as the pile says, Unix ms, 0 = unreadable
    generate_time: i64,
    /// 产生时间原文 The same as the pile wrote it
    app_time: String,
    /// 设备类型 Device type
    dt_id: u64,
    /// 桩编号 Pile
    pub(super) device_id: u64,
    /// 通信编号 The pile's uuid
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 型号 Model
    model: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 数据分区 Data zone
    device_zone: String,
    /// 枪号 Gun, from 1
    gun_num: u8,
    /// 交易流水号 Trade number
    trade_id: String,
    /// 失败原因原文 The cause as the pile wrote it
    failed_code: String,
    /// 失败代码 Its code
    failed_hex: String,
    /// 责任方 Its party
    failed_party: String,
    /// 说明 Its explanation
    failed_text: String,
    /// 充电方式 How the charge was started
    charge_way: String,
    /// 开始SOC, % SOC, percent
    start_soc: u8,
    /// 车辆VIN码 VIN
    vin: String,
    /// 1=桩时钟偏差超过24小时 1 = the pile's clock was more than 24 h off
    clock_skew: u8,
}

impl Listed for BootFailure {
    const WHAT: &'static str = "boot_failure";
    const FROM: &'static str = "boot_failed_record";
    const NAMELESS: &'static [(&'static str, &'static str)] = NAMELESS;
    const REPEATS: Option<Repeats> = Some(Repeats {
        mark: "cityHash64(timestamp, device_id, trade_id, device_zone, failed_hex)",
        by: "timestamp, trade_id, device_id, device_zone, failed_code, pile_time",
    });
    const SORT: &'static [&'static str] =
        &["timestamp", "generate_time", "device_id", "gun_num", "failed_hex"];
    const ORDER: &'static str = "timestamp DESC, trade_id DESC, device_id DESC, device_zone DESC, \
         failed_code DESC, pile_time DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "Time", |row| Cell::Time(row.timestamp)),
        column("产生时间", "Failed at", |row| Cell::Time(row.generate_time)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("枪号", "Gun", |row| Cell::Number(row.gun_num.into())),
        column("数据分区", "Zone", |row| Cell::text(&row.device_zone)),
        column("交易流水号", "Trade number", |row| Cell::text(&row.trade_id)),
        column("失败代码", "Code", |row| Cell::text(&row.failed_hex)),
        column("责任方", "Party", |row| Cell::text(&row.failed_party)),
        column("失败原因", "Cause", |row| Cell::text(&row.failed_code)),
        column("充电方式", "Started by", |row| Cell::text(&row.charge_way)),
        column("开始SOC(%)", "SOC (%)", |row| {
            Cell::Number(row.start_soc.into())
        }),
        column("VIN", "VIN", |row| Cell::text(&row.vin)),
    ];

    shown!();
}
