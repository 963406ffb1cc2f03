//! Causes of a charge that fails to start: a realistic spread over vehicle, pile, person and business,
//! with each vendor's own number for the same cause.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::components::Part;
use super::firmware::Vendor;

/// One cause.
#[derive(Debug)]
pub(crate) struct Cause {
    code_a: u8,
    code_b: u8,
    party: &'static str,
    text: &'static str,
    weight: u32,
    /// The vehicle identified itself before the failure.
    pub(crate) vin_known: bool,
    /// The component that misbehaved, counted as an abnormal action.
    pub(crate) part: Option<Part>,
}

const VEHICLE: &str = "车辆原因";
const PILE: &str = "充电桩原因";
const PERSON: &str = "人为原因";
const BUSINESS: &str = "业务原因";

const fn cause(code_a: u8, code_b: u8, party: &'static str, text: &'static str, weight: u32) -> Cause {
    Cause {
        code_a,
        code_b,
        party,
        text,
        weight,
        vin_known: false,
        part: None,
    }
}

const fn late(code_a: u8, code_b: u8, party: &'static str, text: &'static str, weight: u32) -> Cause {
    Cause {
        code_a,
        code_b,
        party,
        text,
        weight,
        vin_known: true,
        part: None,
    }
}

const fn part(code_a: u8, code_b: u8, text: &'static str, weight: u32, part: Part) -> Cause {
    Cause {
        code_a,
        code_b,
        party: PILE,
        text,
        weight,
        vin_known: false,
        part: Some(part),
    }
}

/// Weights follow the field: BRM timeouts and people who do not plug in properly lead.
const CAUSES: &[Cause] = &[
    cause(0x68, 0x5A, VEHICLE, "BRM报文接收超时", 240),
    late(0x69, 0x5B, VEHICLE, "BCP报文接收超时", 70),
    late(0x6A, 0x5C, VEHICLE, "BRO报文接收超时", 60),
    late(0x6B, 0x5D, VEHICLE, "BCL报文接收超时", 40),
    late(0x6C, 0x5E, VEHICLE, "BCS报文接收超时", 30),
    late(0x6D, 0x5F, VEHICLE, "BSM报文接收超时", 12),
    late(0x6E, 0x60, VEHICLE, "电池电压与BCP报文电压差大于5%", 45),
    late(0x6F, 0x61, VEHICLE, "BRO报文由AA变为00", 25),
    late(0x70, 0x62, VEHICLE, "BMS未准备就绪", 35),
    cause(0x71, 0x63, VEHICLE, "电池反接", 4),
    cause(0x10, 0x01, PILE, "控制导引断开", 60),
    part(0x11, 0x02, "断路器故障", 6, Part::Breaker),
    part(0x12, 0x03, "交流接触器故障", 8, Part::AcContactor),
    part(0x13, 0x04, "直流输出接触器故障", 14, Part::DcContactor),
    part(0x14, 0x05, "熔断器故障", 5, Part::Fuse),
    cause(0x15, 0x06, PILE, "绝缘监测故障", 65),
    part(0x16, 0x07, "电子锁故障", 40, Part::Lock),
    cause(0x17, 0x08, PILE, "防雷器故障", 3),
    cause(0x18, 0x09, PILE, "充电桩过温", 12),
    cause(0x19, 0x0A, PILE, "充电模块故障", 30),
    cause(0x1A, 0x0B, PILE, "预充失败", 22),
    cause(0x1B, 0x0C, PILE, "BHM阶段检测到外侧电压", 18),
    cause(0x1C, 0x0D, PILE, "电表通信中断", 9),
    cause(0x1D, 0x0E, PILE, "充电机未准备就绪", 15),
    cause(0x1E, 0x0F, PILE, "充电控制系统故障", 7),
    cause(0x30, 0x20, PERSON, "急停按下", 20),
    cause(0x31, 0x21, PERSON, "柜门打开", 5),
    cause(0x32, 0x22, PERSON, "未插枪", 110),
    cause(0x40, 0x30, BUSINESS, "卡鉴权失败", 18),
    cause(0x41, 0x31, BUSINESS, "APP启动被拒绝", 16),
    cause(0x42, 0x32, BUSINESS, "VIN鉴权失败", 26),
    cause(0x43, 0x33, BUSINESS, "密码错误", 14),
    cause(0x44, 0x34, BUSINESS, "鉴权超时", 28),
    cause(0x45, 0x35, BUSINESS, "余额不足", 24),
];

impl Cause {
    /// Draws a cause by weight.
    pub(crate) fn draw(rng: &mut impl Rng) -> &'static Self {
        CAUSES
            .choose_weighted(rng, |cause| cause.weight)
            .expect("the weights are positive")
    }

    /// `0X68:车辆原因-BRM报文接收超时`
    pub(crate) fn wire_text(&self, vendor: Vendor) -> String {
        let code = match vendor {
            Vendor::A => self.code_a,
            Vendor::B => self.code_b,
        };
        format!("0X{code:02X}:{}-{}", self.party, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_per_vendor_and_written_as_in_the_field() {
        assert_eq!(CAUSES[0].wire_text(Vendor::A), "0X68:车辆原因-BRM报文接收超时");
        assert_eq!(CAUSES[0].wire_text(Vendor::B), "0X5A:车辆原因-BRM报文接收超时");
        for vendor in [Vendor::A, Vendor::B] {
            let codes: HashSet<_> = CAUSES
                .iter()
                .map(|c| c.wire_text(vendor)[..4].to_owned())
                .collect();
            assert_eq!(codes.len(), CAUSES.len());
        }
    }

    #[test]
    fn every_cause_comes_up() {
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(2);
        let seen: HashSet<_> = (0..20_000).map(|_| Cause::draw(&mut rng).text).collect();
        assert_eq!(seen.len(), CAUSES.len());
    }
}
