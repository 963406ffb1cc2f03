//! A pile and its guns as callers see them live.

use serde::Serialize;
use store::{DeviceState, device_state::GunState};
use utoipa::ToSchema;

use super::live::{GunWord, PileState, gun_word, pile_word};

/// What a pile says right now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LivePile {
    /// 当前状态 What it is doing
    state: PileState,
    /// 是否在线 Whether it is connected
    online: bool,
    /// 最近通信, 毫秒 Last message, Unix ms
    last_seen: i64,
    /// 出厂编号 Factory serial number
    sn: String,
    /// 软件版本 Software version
    software_version: String,
    /// SIM卡号 ICCID
    sim: String,
    /// 各枪 Its guns
    guns: Vec<LiveGun>,
    /// 未恢复的告警 Warnings that have not recovered
    open_warnings: Vec<LiveWarning>,
}

/// A gun.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct LiveGun {
    /// 枪号, 从1开始 The gun, from 1
    gun: u8,
    /// 当前状态 What it is doing
    state: GunWord,
    /// 桩上报的工作状态 As the pile says it
    work_state: String,
    /// 车辆连接状态 Whether a vehicle is connected, as the pile says it
    link_state: String,
    /// 电压, V Voltage, V
    voltage: Option<f64>,
    /// 电流, A Current, A
    current: Option<f64>,
    /// 已充电量, kWh Energy of this charge, kWh
    energy: Option<f64>,
    /// 已充时间, 分钟 Time of this charge, minutes
    minutes: Option<u32>,
    /// 荷电状态 SOC, % SOC, percent
    soc: Option<u8>,
    /// 电表读数, kWh Meter, kWh
    meter: Option<f64>,
    /// 采集时间, 毫秒 When it was measured, Unix ms
    at: i64,
}

/// A warning.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct LiveWarning {
    /// 数据分区 Data zone
    device_zone: String,
    /// 告警代码 Code
    warn_code: String,
    /// 告警名称 Name
    warn_name: String,
    /// 产生时间, 毫秒 Raised, Unix ms
    generate_time: i64,
    /// 次数 Occurrences
    count: u32,
}

impl LivePile {
    /// What its state says.
    pub(crate) fn of(state: &DeviceState<'_>) -> Self {
        let guns = state.guns.iter().filter(|gun| gun.gun != 0);
        let warnings = state.open_warnings.iter().map(|warning| LiveWarning {
            device_zone: warning.device_zone.to_string(),
            warn_code: warning.warn_code.to_string(),
            warn_name: warning.warn_name.to_string(),
            generate_time: warning.generate_time,
            count: warning.count,
        });
        Self {
            state: pile_word(state),
            online: state.online,
            last_seen: state.last_seen,
            sn: state.sn.to_string(),
            software_version: state.firmware.to_string(),
            sim: state.sim.to_string(),
            guns: guns.map(|gun| LiveGun::of(state.online, gun)).collect(),
            open_warnings: warnings.collect(),
        }
    }
}

impl LiveGun {
    fn of(online: bool, gun: &GunState<'_>) -> Self {
        let thousandths = |value: Option<i64>| value.map(|value| value as f64 / 1000.0);
        Self {
            gun: gun.gun,
            state: gun_word(online, gun),
            work_state: gun.work_state.to_string(),
            link_state: gun.link_state.to_string(),
            voltage: thousandths(gun.voltage),
            current: thousandths(gun.current),
            energy: thousandths(gun.energy),
            minutes: gun.minutes,
            soc: gun.soc,
            meter: thousandths(gun.meter),
            at: gun.at,
        }
    }
}
