//! 充电记录 (alias 交易记录): what a charge was. Answered by 充电记录确认 once it is durable; until then the
//! pile sends it again.

use std::borrow::Cow;

use xxhash_rust::xxh3::Xxh3;

use super::message::message;
use crate::{Milli, PileTime, ProblemKind, Vin};

message! {
    /// 充电记录
    TradeRecord {
        /// `交易流水号`, unique on one pile
        trade_number: Cow<'a, str> => text = "交易流水号",
        /// `车辆VIN码`
        vin: Vin<'a> => vin = "车辆VIN码",
        /// `充电方式`: 密码, 刷卡, 扫码, VIN, 即插即充
        charge_way: Cow<'a, str> => text = "充电方式",
        /// `开始时间`
        start_time: PileTime => time = "开始时间",
        /// `结束时间`
        end_time: PileTime => time = "结束时间",
        /// `开始SOC`
        start_soc: u8 => percent = "开始SOC",
        /// `结束SOC`
        end_soc: u8 => percent = "结束SOC",
        /// `开始电表读数_度`, kWh
        start_meter: Milli => milli = "开始电表读数_度" | "开始电表度数_度",
        /// `结束电表读数_度`, kWh
        end_meter: Milli => milli = "结束电表读数_度" | "结束电表度数_度",
        /// `充电电量_度`, kWh
        energy: Milli => milli = "充电电量_度",
        /// `尖电量_度`, kWh at the critical-peak tariff
        sharp_energy: Milli => milli = "尖电量_度",
        /// `峰电量_度`, kWh at the peak tariff
        peak_energy: Milli => milli = "峰电量_度",
        /// `平电量_度`, kWh at the flat tariff
        flat_energy: Milli => milli = "平电量_度",
        /// `谷电量_度`, kWh at the valley tariff
        valley_energy: Milli => milli = "谷电量_度",
        /// `充电时长_分`
        duration_minutes: u32 => integer = "充电时长_分",
        /// `停止原因`
        stop_reason: Cow<'a, str> => text = "停止原因",
        /// `金额_元`
        amount: Milli => milli = "金额_元",
    }
}

impl TradeRecord<'_> {
    /// A number that tells a record sent again from another one under the same 交易流水号. It covers the
    /// record's own fields, not `reqid` or `系统时间`; it depends neither on the payload's encoding nor on
    /// the order of keys, nor on whether numbers came as strings. Stable for ever: it is stored.
    pub fn content_hash(&self) -> u64 {
        let mut digest = Digest(Xxh3::new());
        digest.text(self.trade_number.as_deref());
        digest.number(self.common.gun());
        digest.text(self.vin.as_ref().map(|vin| &*vin.text));
        digest.text(self.charge_way.as_deref());
        for time in [self.start_time, self.end_time] {
            digest.number(time.map(|time| time.ms));
        }
        digest.number(self.start_soc);
        digest.number(self.end_soc);
        for amount in [
            self.start_meter,
            self.end_meter,
            self.energy,
            self.sharp_energy,
            self.peak_energy,
            self.flat_energy,
            self.valley_energy,
            self.amount,
        ] {
            digest.number(amount.map(|amount| amount.0));
        }
        digest.number(self.duration_minutes);
        digest.text(self.stop_reason.as_deref());
        self.hash_problems(&mut digest);
        digest.0.digest()
    }

    /// Values that could not be used are contents too, in an order of their own.
    fn hash_problems(&self, digest: &mut Digest) {
        let mut unusable: Vec<_> = self
            .problems
            .iter()
            .filter(|problem| !matches!(&*problem.field, "reqid" | "系统时间"))
            .map(|problem| {
                (
                    &*problem.field,
                    problem.kind == ProblemKind::Repeated,
                    &*problem.value,
                )
            })
            .collect();
        unusable.sort_unstable();
        for (field, _, value) in unusable {
            digest.text(Some(field));
            digest.text(Some(value));
        }
    }
}

/// Every field is written with its presence and its length, so that no two records write the same bytes.
struct Digest(Xxh3);

impl Digest {
    fn text(&mut self, text: Option<&str>) {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        self.0.update(&length.to_le_bytes());
        self.0.update(text.unwrap_or_default().as_bytes());
    }

    fn number<N: Into<i64>>(&mut self, number: Option<N>) {
        self.0.update(&[u8::from(number.is_some())]);
        self.0.update(&number.map_or(0, Into::into).to_le_bytes());
    }
}
