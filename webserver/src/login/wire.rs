//! A login as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::{Cell, Column, Listed, NAMELESS_BUT_UUID, Repeats, column, shown};

/// A pile that signed in.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct Login {
    /// 时间, 毫秒 When, Unix ms
    timestamp: i64,
    /// 接收时间, 毫秒 Received, Unix ms
    recv_time: i64,
    /// 1=桩时钟偏差超过24小时 1 = the pile's clock was more than 24 h off
    clock_skew: u8,
    /// 桩编号 Pile
    device_id: u64,
    /// 通信编号 The uuid with which it signed in
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 软件版本 Software version
    software_version: String,
    /// 硬件版本 Hardware version
    hardware_version: String,
    /// 型号 Model as the pile says
    model: String,
    /// 出厂编号 Factory serial number
    sn: String,
    /// 枪数量 Number of guns
    gun_count: u8,
    /// SIM卡号 ICCID
    sim: String,
    /// 运营商 Mobile operator
    mvno: String,
    /// 信号强度, dBm Signal, dBm
    signal_dbm: Option<i16>,
}

impl Listed for Login {
    const WHAT: &'static str = "login_record";
    const FROM: &'static str = "login_record";
    const NAMELESS: &'static [(&'static str, &'static str)] = NAMELESS_BUT_UUID;
    const REPEATS: Option<Repeats> = Some(Repeats {
        mark: "cityHash64(device_id, timestamp, reqid)",
        by: "device_id, timestamp, reqid, sn, pile_time",
    });
    const SORT: &'static [&'static str] = &[
        "timestamp",
        "device_id",
        "software_version",
        "model",
        "signal_dbm",
    ];
    const ORDER: &'static str = "timestamp DESC, device_id DESC, reqid DESC, sn DESC, pile_time DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "Time", |row| Cell::Time(row.timestamp)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("出厂编号", "Serial number", |row| Cell::text(&row.sn)),
        column("软件版本", "Software", |row| {
            Cell::text(&row.software_version)
        }),
        column("硬件版本", "Hardware", |row| {
            Cell::text(&row.hardware_version)
        }),
        column("枪数量", "Guns", |row| Cell::Number(row.gun_count.into())),
        column("SIM卡号", "ICCID", |row| Cell::text(&row.sim)),
        column("运营商", "Operator", |row| Cell::text(&row.mvno)),
        column("信号强度(dBm)", "Signal (dBm)", |row| {
            row.signal_dbm
                .map_or(Cell::Text(String::new()), |signal| Cell::Number(signal.into()))
        }),
    ];

    shown!(own uuid);
}
