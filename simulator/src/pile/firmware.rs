//! The kinds of firmware in the field: what a pile's messages look like, drawn once per pile by shares.

use rand::Rng;

use crate::json::Charset;

/// How a pile sends its telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunDataKind {
    /// 运行数据 with a 状态数据 list.
    V3,
    /// 运行数据 with flat keys.
    V1,
    /// One full 运行数据 after login, then 数据变位 with what changed.
    ChangesOnly,
}

/// The share of each kind of firmware, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Flat run data.
    pub v1: f64,
    /// 数据变位 instead of full run data.
    pub changes_only: f64,
    /// Whole payloads in GB18030.
    pub gb18030: f64,
    /// 关键器件动作应答 with repeated keys.
    pub repeated_keys: f64,
    /// Raw bytes in the VIN.
    pub garbled_vin: f64,
    /// Answers on `cmd_resp/+`.
    pub cmd_resp: f64,
    /// Older names: 交易记录, 告警, 插枪状态, 输出电压, …
    pub old_names: f64,
}

/// One pile's firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firmware {
    /// Its telemetry.
    pub run_data: RunDataKind,
    /// Its character set.
    pub charset: Charset,
    /// Repeats keys in 关键器件动作应答.
    pub repeated_keys: bool,
    /// Puts raw bytes into the VIN.
    pub garbled_vin: bool,
    /// Answers commands on `cmd_resp/+`.
    pub cmd_resp: bool,
    /// Speaks the older aliases.
    pub old_names: bool,
    /// Which vendor's failure codes it uses.
    pub vendor: Vendor,
}

/// Codes differ by vendor: the same cause has another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// 0X68 is a BRM timeout here.
    A,
    /// 0X5A is a BRM timeout here.
    B,
}

impl Firmware {
    /// Draws a firmware by the shares.
    pub fn draw(shares: &Shares, rng: &mut impl Rng) -> Self {
        let kind: f64 = rng.random();
        let run_data = if kind < shares.v1 {
            RunDataKind::V1
        } else if kind < shares.v1 + shares.changes_only {
            RunDataKind::ChangesOnly
        } else {
            RunDataKind::V3
        };
        let mut chance = |share: f64| rng.random::<f64>() < share;
        Self {
            run_data,
            charset: if chance(shares.gb18030) {
                Charset::Gb18030
            } else {
                Charset::Utf8
            },
            repeated_keys: chance(shares.repeated_keys),
            garbled_vin: chance(shares.garbled_vin),
            cmd_resp: chance(shares.cmd_resp),
            old_names: chance(shares.old_names),
            vendor: if chance(0.3) { Vendor::B } else { Vendor::A },
        }
    }
}
