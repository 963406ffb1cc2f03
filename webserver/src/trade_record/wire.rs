//! A charge as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::{Cell, Column, Listed, NAMELESS, Repeats, column, shown};

/// A finished charge.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct Charge {
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
    /// 0=首条, 1=同号不同内容 0 = first of its number, 1 = same number with other contents
    conflict: u8,
    /// 车辆VIN码 VIN
    vin: String,
    /// 充电方式 How it was started
    charge_way: String,
    /// 开始时间, 毫秒, 0=未上报 Start, Unix ms, 0 = not said
    start_time: i64,
    /// 结束时间, 毫秒, 0=未上报 End, Unix ms, 0 = not said
    end_time: i64,
    /// 开始SOC, % SOC at the start, percent
    start_soc: Option<u8>,
    /// 结束SOC, % SOC at the end, percent
    end_soc: Option<u8>,
    /// 开始电表读数, kWh Meter at the start, kWh
    start_meter: Option<f64>,
    /// 结束电表读数, kWh Meter at the end, kWh
    end_meter: Option<f64>,
    /// 充电电量, kWh Energy, kWh
    energy: Option<f64>,
    /// 尖电量, kWh Energy at the sharp tariff, kWh
    energy_sharp: Option<f64>,
    /// 峰电量, kWh Energy at the peak tariff, kWh
    energy_peak: Option<f64>,
    /// 平电量, kWh Energy at the flat tariff, kWh
    energy_flat: Option<f64>,
    /// 谷电量, kWh Energy at the valley tariff, kWh
    energy_valley: Option<f64>,
    /// 充电时长, 分钟 Duration, minutes
    charged_minutes: Option<u32>,
    /// 停止原因 Why it stopped
    stop_reason: String,
    /// 金额, 元, 需要权限 trade_record:amount Amount, yuan; only with the permission trade_record:amount
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<f64>,
}

impl Charge {
    pub(super) fn hide_amount(&mut self) {
        self.amount = None;
    }
}

/// A charge is told by its pile, its number and its contents, which the hash stands for.
pub(super) const REPEATS: Repeats = Repeats {
    mark: "bitXor(content_hash, intHash64(device_id))",
    by: "device_id, trade_id, content_hash",
};

/// What the pile did not say is an empty cell.
fn number(value: Option<impl Into<f64>>) -> Cell {
    value.map_or(Cell::Text(String::new()), |value| Cell::Number(value.into()))
}

impl Listed for Charge {
    const WHAT: &'static str = "trade_record";
    const FROM: &'static str = "trade_record";
    const NAMELESS: &'static [(&'static str, &'static str)] = NAMELESS;
    // Decimals are read as numbers; three places of up to 15 digits are exact to the last.
    const COMPUTED: &'static [(&'static str, &'static str)] = &[
        ("start_meter", "toFloat64(start_meter)"),
        ("end_meter", "toFloat64(end_meter)"),
        ("energy", "toFloat64(energy)"),
        ("energy_sharp", "toFloat64(energy_sharp)"),
        ("energy_peak", "toFloat64(energy_peak)"),
        ("energy_flat", "toFloat64(energy_flat)"),
        ("energy_valley", "toFloat64(energy_valley)"),
        ("amount", "toFloat64(amount)"),
    ];
    const REPEATS: Option<Repeats> = Some(REPEATS);
    // Not by the amount: the order would tell it.
    const SORT: &'static [&'static str] = &[
        "timestamp",
        "start_time",
        "end_time",
        "energy",
        "charged_minutes",
        "device_id",
        "trade_id",
    ];
    const ORDER: &'static str = "timestamp DESC, device_id DESC, trade_id DESC, content_hash DESC";
    const COLUMNS: &'static [Column<Self>] = &[
        column("时间", "Time", |row| Cell::Time(row.timestamp)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("枪号", "Gun", |row| Cell::Number(row.gun_num.into())),
        column("交易流水号", "Trade number", |row| Cell::text(&row.trade_id)),
        column("VIN", "VIN", |row| Cell::text(&row.vin)),
        column("充电方式", "Started by", |row| Cell::text(&row.charge_way)),
        column("开始时间", "Start", |row| Cell::Time(row.start_time)),
        column("结束时间", "End", |row| Cell::Time(row.end_time)),
        column("开始SOC(%)", "SOC at start (%)", |row| number(row.start_soc)),
        column("结束SOC(%)", "SOC at end (%)", |row| number(row.end_soc)),
        column("充电电量(kWh)", "Energy (kWh)", |row| number(row.energy)),
        column("尖电量(kWh)", "Sharp (kWh)", |row| number(row.energy_sharp)),
        column("峰电量(kWh)", "Peak (kWh)", |row| number(row.energy_peak)),
        column("平电量(kWh)", "Flat (kWh)", |row| number(row.energy_flat)),
        column("谷电量(kWh)", "Valley (kWh)", |row| number(row.energy_valley)),
        column("充电时长(分钟)", "Duration (min)", |row| {
            number(row.charged_minutes)
        }),
        column("停止原因", "Stopped by", |row| Cell::text(&row.stop_reason)),
        column("金额(元)", "Amount (yuan)", |row| number(row.amount)),
    ];

    shown!();
}
