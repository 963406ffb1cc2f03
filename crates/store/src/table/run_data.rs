//! `run_data`: what a gun measured and how it stood (运行数据), and each change of that (数据变位).

use std::borrow::Cow;

use crate::rowbinary::{Map, Milli32, Milli64, Put, table_row};

/// Which message caused the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(i8)]
pub enum Kind {
    /// 运行数据: every point as sent.
    #[default]
    Periodic = 1,
    /// 数据变位: the points that changed, the others carried over from the device state.
    Change = 2,
}

impl Put for Kind {
    const TYPE: &'static str = "Enum8('运行数据' = 1, '数据变位' = 2)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (*self as i8).put(out);
    }
}

table_row! {
    crate::Table::RunData;
    /// One gun at one moment. A point that the pile did not send is `None`, or empty.
    pub struct RunData<'a> {
        /// Ordering time, Unix ms: `pile_time`, or `recv_time` where the pile's clock is skewed.
        pub timestamp: i64,
        /// 系统时间 as the pile said it, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// The pile.
        pub device_id: u64,
        /// The gun, from 1; 0 = the whole pile.
        pub gun_num: u8,
        /// 数据分区.
        pub device_zone: &'a str,
        /// Periodic or a change.
        pub kind: Kind,
        /// The message's reqid.
        pub reqid: u32,
        /// 工作状态.
        pub work_state: &'a str,
        /// 车辆连接状态.
        pub link_state: &'a str,
        /// V.
        pub voltage: Option<Milli32>,
        /// A.
        pub current: Option<Milli32>,
        /// 已充电量, kWh.
        pub energy: Option<Milli64>,
        /// 已充时间, minutes.
        pub charged_minutes: Option<u32>,
        /// Percent.
        pub soc: Option<u8>,
        /// 电表读数, kWh.
        pub meter: Option<Milli64>,
        /// Points outside the known set, by name.
        pub extra: Map<'a, Cow<'a, str>, Cow<'a, str>>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record as _;

    #[test]
    fn absent_points_take_one_byte_each() {
        let mut full = Vec::new();
        let row = RunData {
            voltage: Some(Milli32(239_977)),
            soc: Some(0),
            ..RunData::default()
        };
        row.encode(&mut full);
        let mut empty = Vec::new();
        RunData::default().encode(&mut empty);
        assert_eq!(full.len() - empty.len(), 4 + 1);
    }
}
