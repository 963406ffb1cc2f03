//! The fields that every uplink message may carry.

use std::borrow::Cow;

use crate::json::Value;
use crate::{PileTime, Problems, Zone, field};

/// `命令`, `reqid`, `系统时间`, `数据分区` and `枪号`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Common<'a> {
    /// `命令`, as it was on the wire.
    pub command: Cow<'a, str>,
    /// `reqid`; 0 where absent. An answer carries the reqid of what it answers.
    pub reqid: u32,
    /// `系统时间`, the pile's clock when sending.
    pub time: Option<PileTime>,
    /// `数据分区`
    pub zone: Option<Zone<'a>>,
    /// `枪号`, where the message says it beside the zone.
    pub gun_number: Option<u8>,
}

impl<'a> Common<'a> {
    /// The gun: `枪号`, else the leading number of the zone; 0 is the whole pile.
    pub fn gun(&self) -> Option<u8> {
        self.gun_number
            .or_else(|| self.zone.as_ref().and_then(|zone| zone.gun))
    }

    /// The pile's clock in milliseconds.
    pub fn time_ms(&self) -> Option<i64> {
        self.time.map(|time| time.ms)
    }

    /// Takes one of the common fields, or gives it back.
    pub(crate) fn take(
        &mut self,
        key: Cow<'a, str>,
        value: Value<'a>,
        problems: &mut Problems<'a>,
    ) -> Option<(Cow<'a, str>, Value<'a>)> {
        match &*key {
            "命令" | "子设备编号" => {}
            "reqid" => {
                let mut reqid = (self.reqid != 0).then_some(self.reqid);
                field::put(&mut reqid, field::integer, key, value, problems);
                self.reqid = reqid.unwrap_or(0);
            }
            "系统时间" => field::put(&mut self.time, field::time, key, value, problems),
            "数据分区" => field::put(&mut self.zone, field::zone, key, value, problems),
            "枪号" => field::put(&mut self.gun_number, field::gun, key, value, problems),
            _ => return Some((key, value)),
        }
        None
    }
}
