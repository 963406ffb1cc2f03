//! How a pile speaks: its firmware and its clock, and the head that every message shares.

use super::firmware::Firmware;
use crate::clock;
use crate::json::JsonText;

/// What rendering a message needs to know of the pile.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub(crate) firmware: Firmware,
    /// The pile's clock minus true time; 对时 and 登录应答 set it to zero.
    pub(crate) clock_offset_ms: i64,
}

impl Voice {
    /// The pile's own idea of the time.
    pub(crate) fn pile_time(&self, now: i64) -> i64 {
        now + self.clock_offset_ms
    }

    /// Begins a message at the pile's present time.
    pub(crate) fn open(&self, name: &str, reqid: u32, zone: Option<u8>, now: i64) -> JsonText {
        self.open_at(name, reqid, zone, self.pile_time(now))
    }

    /// Begins a message at a pile time taken before.
    pub(crate) fn open_at(&self, name: &str, reqid: u32, zone: Option<u8>, pile_ms: i64) -> JsonText {
        let mut json = JsonText::new(self.firmware.charset);
        json.text("命令", name).number("reqid", reqid);
        if let Some(zone) = zone {
            json.text("数据分区", &zone_name(zone));
        }
        json.text("系统时间", &clock::wire_time(pile_ms));
        json
    }
}

/// `1枪数据`, `2枪数据`, …; `桩数据` for zone 0.
pub(crate) fn zone_name(zone: u8) -> String {
    if zone == 0 {
        "桩数据".to_owned()
    } else {
        format!("{zone}枪数据")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::json::Charset;
    use crate::pile::firmware::{RunDataKind, Vendor};

    pub(crate) fn voice(repeated_keys: bool) -> Voice {
        let firmware = Firmware {
            run_data: RunDataKind::V3,
            charset: Charset::Utf8,
            repeated_keys,
            garbled_vin: false,
            cmd_resp: false,
            old_names: false,
            vendor: Vendor::A,
        };
        Voice {
            firmware,
            clock_offset_ms: 0,
        }
    }
}
