//! A row of run data as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::{Cell, Column, Listed, Repeats, column};

/// What a gun measured and how it stood.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct Sample {
    /// 时间, 毫秒 When, Unix ms
    timestamp: i64,
    /// 接收时间, 毫秒 Received, Unix ms
    recv_time: i64,
    /// 桩编号 Pile
    device_id: u64,
    /// 枪号, 0=整桩 Gun from 1, 0 = the whole pile
    gun_num: u8,
    /// 数据分区 Data zone
    device_zone: String,
    /// 报文: 运行数据, 数据变位 Which message
    kind: String,
    /// 工作状态 Work state
    work_state: String,
    /// 车辆连接状态 Vehicle link
    link_state: String,
    /// 电压, V Voltage, V
    voltage: Option<f64>,
    /// 电流, A Current, A
    current: Option<f64>,
    /// 已充电量, kWh Charged energy, kWh
    energy: Option<f64>,
    /// 已充时间, 分钟 Charged time, minutes
    charged_minutes: Option<u32>,
    /// 荷电状态 SOC, % State of charge, percent
    soc: Option<u8>,
    /// 电表读数, kWh Meter, kWh
    meter: Option<f64>,
    /// 其他状态点: [名称, 值] Points outside the known set: [name, value]
    extra: Vec<(String, String)>,
}

fn number(value: Option<impl Into<f64>>) -> Cell {
    value.map_or(Cell::Text(String::new()), |value| Cell::Number(value.into()))
}

impl Listed for Sample {
    const WHAT: &'static str = "run_data";
    const FROM: &'static str = "run_data";
    const COMPUTED: &'static [(&'static str, &'static str)] = &[
        ("kind", "toString(kind)"),
        ("voltage", "toFloat64(voltage)"),
        ("current", "toFloat64(current)"),
        ("energy", "toFloat64(energy)"),
        ("meter", "toFloat64(meter)"),
        (
            "extra",
            "arrayZip(arrayMap(k -> toString(k), mapKeys(extra)), mapValues(extra))",
        ),
    ];
    const REPEATS: Option<Repeats> = Some(Repeats {
        mark: "cityHash64(timestamp, gun_num, reqid, pile_time)",
        by: "device_id, gun_num, timestamp, kind, reqid, device_zone, pile_time",
    });
    const SORT: &'static [&'static str] = &["timestamp", "gun_num"];
    const ORDER: &'static str = "timestamp DESC, gun_num, kind, reqid, device_zone, pile_time";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "Time", |row| Cell::Time(row.timestamp)),
        column("枪号", "Gun", |row| Cell::Number(row.gun_num.into())),
        column("报文", "Message", |row| Cell::Text(row.kind.clone())),
        column("工作状态", "Work state", |row| {
            Cell::Text(row.work_state.clone())
        }),
        column("车辆连接状态", "Link", |row| {
            Cell::Text(row.link_state.clone())
        }),
        column("电压(V)", "Voltage (V)", |row| number(row.voltage)),
        column("电流(A)", "Current (A)", |row| number(row.current)),
        column("已充电量(kWh)", "Energy (kWh)", |row| number(row.energy)),
        column("已充时间(分钟)", "Charged (min)", |row| {
            number(row.charged_minutes)
        }),
        column("SOC(%)", "SOC (%)", |row| number(row.soc)),
        column("电表读数(kWh)", "Meter (kWh)", |row| number(row.meter)),
    ];
}
