//! 运行数据 and 数据变位: the telemetry of one gun, in every shape that firmware gives it.

use super::energy::Thousandths;
use super::firmware::RunDataKind;
use super::voice::Voice;
use crate::json::JsonText;

/// Names of the points in wire order, and what older firmware calls them.
const NAMES: [&str; 8] = [
    "工作状态",
    "车辆连接状态",
    "电压_V",
    "电流_A",
    "已充电量",
    "已充时间",
    "SOC",
    "电表读数_度",
];
const OLD_NAMES: [&str; 8] = [
    "工作状态",
    "插枪状态",
    "输出电压",
    "输出电流",
    "已充电量",
    "已充时长",
    "SOC",
    "电表度数_度",
];

/// The readings of one gun at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Points {
    pub(crate) work: &'static str,
    pub(crate) is_plugged: bool,
    pub(crate) milli_volts: u64,
    pub(crate) milli_amps: u64,
    pub(crate) charged_wh: u64,
    pub(crate) minutes: u64,
    pub(crate) soc: u8,
    pub(crate) meter_wh: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Text(&'static str),
    Thousandths(u64),
    Whole(u64),
}

impl Points {
    fn values(&self) -> [Value; 8] {
        [
            Value::Text(self.work),
            Value::Text(if self.is_plugged { "已插枪" } else { "未插枪" }),
            Value::Thousandths(self.milli_volts),
            Value::Thousandths(self.milli_amps),
            Value::Thousandths(self.charged_wh),
            Value::Whole(self.minutes),
            Value::Whole(self.soc.into()),
            Value::Thousandths(self.meter_wh),
        ]
    }
}

/// The message for these readings; `None` when only changes are sent and nothing changed.
/// `last` is what this gun sent before on this connection.
pub(crate) fn render(
    points: &Points,
    last: Option<&Points>,
    zone: u8,
    reqid: u32,
    now: i64,
    voice: &Voice,
) -> Option<(&'static str, Vec<u8>)> {
    let names = if voice.firmware.old_names {
        &OLD_NAMES
    } else {
        &NAMES
    };
    let former = last
        .filter(|_| voice.firmware.run_data == RunDataKind::ChangesOnly)
        .map(Points::values);
    let command = if former.is_some() {
        "数据变位"
    } else {
        "运行数据"
    };
    let values = points.values();
    let wanted = |index: usize| former.is_none_or(|former| former[index] != values[index]);
    if !(0..values.len()).any(wanted) {
        return None;
    }
    let mut json = voice.open(command, reqid, Some(zone), now);
    let is_flat = voice.firmware.run_data == RunDataKind::V1;
    if !is_flat {
        json.open_array("状态数据");
    }
    for index in (0..values.len()).filter(|&index| wanted(index)) {
        if is_flat {
            put(&mut json, names[index], values[index]);
        } else {
            json.open_object().text("名称", names[index]);
            put(&mut json, "值", values[index]);
            json.close_object();
        }
    }
    if !is_flat {
        json.close_array();
    }
    Some((command, json.finish()))
}

fn put(json: &mut JsonText, key: &str, value: Value) {
    match value {
        Value::Text(text) => json.text(key, text),
        Value::Thousandths(number) => json.number_text(key, Thousandths(number)),
        Value::Whole(number) => json.number_text(key, number),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_wire_time;
    use crate::pile::voice::tests::voice;

    fn points() -> Points {
        Points {
            work: "空闲",
            is_plugged: true,
            milli_volts: 239_977,
            milli_amps: 2,
            charged_wh: 2,
            minutes: 0,
            soc: 0,
            meter_wh: 19_754,
        }
    }

    #[test]
    fn version_3_is_the_captured_message() {
        let now = parse_wire_time("2025-03-12 19:16:46+0800").unwrap();
        let (_, payload) = render(&points(), None, 1, 3, now, &voice(false)).unwrap();
        let captured = r#"{"命令":"运行数据","reqid":3,"数据分区":"1枪数据","系统时间":"2025-03-12 19:16:46+0800","状态数据":[{"名称":"工作状态","值":"空闲"},{"名称":"车辆连接状态","值":"已插枪"},{"名称":"电压_V","值":"239.977"},{"名称":"电流_A","值":"0.002"},{"名称":"已充电量","值":"0.002"},{"名称":"已充时间","值":"0"},{"名称":"SOC","值":"0"},{"名称":"电表读数_度","值":"19.754"}]}"#;
        assert_eq!(String::from_utf8(payload).unwrap(), captured);
    }

    #[test]
    fn version_1_is_flat_and_changes_carry_only_changes() {
        let mut voice = voice(false);
        voice.firmware.run_data = RunDataKind::V1;
        let (_, payload) = render(&points(), None, 1, 3, 0, &voice).unwrap();
        assert!(
            String::from_utf8(payload)
                .unwrap()
                .contains(r#""工作状态":"空闲","车辆连接状态":"已插枪","电压_V":"239.977""#)
        );

        voice.firmware.run_data = RunDataKind::ChangesOnly;
        assert_eq!(render(&points(), None, 1, 3, 0, &voice).unwrap().0, "运行数据");
        assert!(render(&points(), Some(&points()), 1, 3, 0, &voice).is_none());
        let hotter = Points { soc: 1, ..points() };
        let (name, payload) = render(&hotter, Some(&points()), 1, 3, 0, &voice).unwrap();
        assert_eq!(name, "数据变位");
        assert!(
            String::from_utf8(payload)
                .unwrap()
                .ends_with(r#""状态数据":[{"名称":"SOC","值":"1"}]}"#)
        );
    }
}
