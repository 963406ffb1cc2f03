//! What is known of a pile right now, as it lies in Redis: written by ops_tcu, read by every service.
//!
//! The JSON names are short, because 200,000 of these are rewritten all the time; what is empty is left out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// One pile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeviceState<'a> {
    /// The uuid with which it speaks.
    #[serde(rename = "u", borrow)]
    pub uuid: Cow<'a, str>,
    /// The pile.
    #[serde(rename = "d")]
    pub device_id: u64,
    /// Device type; 0 = unknown.
    #[serde(rename = "dt", default, skip_serializing_if = "is_zero")]
    pub dt_id: u64,
    /// Whether it is connected, as far as the platform knows.
    #[serde(rename = "o")]
    pub online: bool,
    /// Last message, Unix ms.
    #[serde(rename = "t")]
    pub last_seen: i64,
    /// 出厂编号 of the last login.
    #[serde(default, borrow, skip_serializing_if = "str::is_empty")]
    pub sn: Cow<'a, str>,
    /// 软件版本 of the last login.
    #[serde(rename = "fw", default, borrow, skip_serializing_if = "str::is_empty")]
    pub firmware: Cow<'a, str>,
    /// 型号 of the last login.
    #[serde(rename = "m", default, borrow, skip_serializing_if = "str::is_empty")]
    pub model: Cow<'a, str>,
    /// ICCID of the last login.
    #[serde(default, borrow, skip_serializing_if = "str::is_empty")]
    pub sim: Cow<'a, str>,
    /// Its guns, as far as they have spoken.
    #[serde(rename = "g", default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub guns: Vec<GunState<'a>>,
    /// Warnings that have not recovered.
    #[serde(rename = "w", default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub open_warnings: Vec<OpenWarning<'a>>,
}

/// One gun: the latest value of each point. Electrical values are thousandths.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GunState<'a> {
    /// The gun, from 1; 0 = the whole pile.
    #[serde(rename = "n")]
    pub gun: u8,
    /// 工作状态.
    #[serde(rename = "w", default, borrow, skip_serializing_if = "str::is_empty")]
    pub work_state: Cow<'a, str>,
    /// 车辆连接状态.
    #[serde(rename = "l", default, borrow, skip_serializing_if = "str::is_empty")]
    pub link_state: Cow<'a, str>,
    /// mV.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub voltage: Option<i64>,
    /// mA.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub current: Option<i64>,
    /// 已充电量, Wh.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<i64>,
    /// 已充时间, minutes.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Percent.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub soc: Option<u8>,
    /// 电表读数, Wh.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<i64>,
    /// When this was measured, Unix ms.
    #[serde(rename = "t")]
    pub at: i64,
}

/// What a recovery needs to close the row of `warn_record` that raised it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpenWarning<'a> {
    /// 数据分区.
    #[serde(rename = "z", default, borrow, skip_serializing_if = "str::is_empty")]
    pub device_zone: Cow<'a, str>,
    /// 告警代码.
    #[serde(rename = "c", borrow)]
    pub warn_code: Cow<'a, str>,
    /// 告警名称.
    #[serde(rename = "n", default, borrow, skip_serializing_if = "str::is_empty")]
    pub warn_name: Cow<'a, str>,
    /// 产生时间, Unix ms.
    #[serde(rename = "g")]
    pub generate_time: i64,
    /// The row's ordering time, Unix ms.
    #[serde(rename = "t")]
    pub timestamp: i64,
    /// Occurrences so far.
    #[serde(rename = "k")]
    pub count: u32,
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> DeviceState<'static> {
        DeviceState {
            uuid: "AAAAAMWY".into(),
            device_id: 8708,
            online: true,
            last_seen: 1_741_778_206_000,
            firmware: "1.0.7".into(),
            guns: vec![GunState {
                gun: 1,
                work_state: "空闲".into(),
                voltage: Some(239_977),
                ..GunState::default()
            }],
            ..DeviceState::default()
        }
    }

    #[test]
    fn the_json_is_compact_and_stable() {
        let json = serde_json::to_string(&state()).unwrap();
        let expected = r#"{"u":"AAAAAMWY","d":8708,"o":true,"t":1741778206000,"fw":"1.0.7","g":[{"n":1,"w":"空闲","v":239977,"t":0}]}"#;
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<DeviceState<'_>>(&json).unwrap(), state());
    }

    #[test]
    fn a_newer_service_may_add_fields() {
        let json = r#"{"u":"AAAAAAAA","d":1,"o":false,"t":0,"future":{"x":1}}"#;
        assert_eq!(
            serde_json::from_str::<DeviceState<'_>>(json).unwrap().device_id,
            1
        );
    }
}
