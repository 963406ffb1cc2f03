//! One charge from plug to end, and its two possible ends on the wire: 充电记录 and 启动失败原因.

use rand::Rng;

use super::battery::Battery;
use super::boot_failure::Cause;
use super::energy::{Energy, TARIFFS, Thousandths};
use super::output::TradeNumber;
use super::vehicle;
use super::voice::Voice;
use crate::clock;

/// Longest simulated step of the integration, s.
const STEP_S: f64 = 20.0;

/// A driver's intent: made when the plug goes in, the same for success and failure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) number: TradeNumber,
    vin: Box<[u8]>,
    mode: &'static str,
}

impl Attempt {
    /// `serial` makes the number unique on its pile even within one second.
    pub(crate) fn draw(pile_ms: i64, serial: u32, garbled_vin: bool, rng: &mut impl Rng) -> Self {
        let number = clock::trade_stem(pile_ms) * 10_000 + u128::from(serial % 10_000);
        Self {
            number,
            vin: vehicle::draw_vin(garbled_vin, rng),
            mode: vehicle::draw_start_mode(rng),
        }
    }

    /// 启动失败原因.
    pub(crate) fn render_failure(
        &self,
        cause: &Cause,
        zone: u8,
        reqid: u32,
        now: i64,
        voice: &Voice,
    ) -> Vec<u8> {
        let mut json = voice.open("启动失败原因", reqid, Some(zone), now);
        json.text("产生时间", &clock::wire_time(voice.pile_time(now)));
        json.number_text("交易流水号", format_args!("{:032}", self.number))
            .number_text("枪号", zone);
        json.raw_text("车辆VIN码", if cause.vin_known { &self.vin } else { &[] });
        json.text("充电方式", self.mode)
            .text("失败原因", &cause.wire_text(voice.firmware.vendor));
        json.finish()
    }
}

/// A running charge.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Charge {
    pub(crate) attempt: Attempt,
    pub(crate) battery: Battery,
    pub(crate) energy: Energy,
    pub(crate) seconds: f64,
    pub(crate) meter_start_wh: u64,
    soc_start: u8,
    at_ms: i64,
    driver_stops_s: f64,
}

impl Charge {
    /// Starts at `now`; one driver in three leaves before the battery is full, all after `longest_s`.
    pub(crate) fn start(
        attempt: Attempt,
        pile_w: f64,
        meter_wh: u64,
        now: i64,
        longest_s: f64,
        rng: &mut impl Rng,
    ) -> Self {
        let battery = Battery::draw(pile_w, rng);
        let leaves_early = rng.random::<f64>() < 0.33;
        let driver_stops_s = if leaves_early {
            rng.random_range(150.0..2700.0)
        } else {
            f64::INFINITY
        };
        Self {
            attempt,
            soc_start: battery.soc_percent(),
            battery,
            energy: Energy::default(),
            seconds: 0.0,
            meter_start_wh: meter_wh,
            at_ms: now,
            driver_stops_s: driver_stops_s.min(longest_s),
        }
    }

    /// Charges on until `now`; true when the charge is over, which may be earlier than `now`.
    pub(crate) fn advance(&mut self, now: i64, speed: f64) -> bool {
        while self.at_ms < now && !self.is_over() {
            let wall_ms = (now - self.at_ms).min(((STEP_S * 1000.0 / speed) as i64).max(1));
            let seconds = wall_ms as f64 / 1000.0 * speed;
            let watt_hours = self.battery.charge(seconds);
            self.energy.add(watt_hours, self.at_ms);
            self.seconds += seconds;
            self.at_ms += wall_ms;
        }
        self.is_over()
    }

    fn is_over(&self) -> bool {
        self.battery.is_full() || self.seconds >= self.driver_stops_s
    }

    /// The meter as it stands now.
    pub(crate) fn meter_wh(&self) -> u64 {
        self.meter_start_wh + self.energy.total_wh()
    }

    /// 充电记录 of a charge that is over. The start is told from the simulated duration, so that a
    /// record made with `--speed` is as consistent in itself as a real one.
    pub(crate) fn render_record(&self, zone: u8, reqid: u32, now: i64, voice: &Voice) -> Vec<u8> {
        let end_ms = voice.pile_time(self.at_ms);
        let start_ms = end_ms - (self.seconds * 1000.0) as i64;
        let mut json = voice.open(record_name(voice), reqid, Some(zone), now);
        json.number_text("交易流水号", format_args!("{:032}", self.attempt.number))
            .number_text("枪号", zone);
        json.raw_text("车辆VIN码", &self.attempt.vin)
            .text("充电方式", self.attempt.mode);
        json.text("开始时间", &clock::wire_time(start_ms))
            .text("结束时间", &clock::wire_time(end_ms));
        json.number_text("开始SOC", self.soc_start)
            .number_text("结束SOC", self.battery.soc_percent());
        json.number_text("开始电表读数_度", Thousandths(self.meter_start_wh));
        json.number_text("结束电表读数_度", Thousandths(self.meter_wh()));
        json.number_text("充电电量_度", Thousandths(self.energy.total_wh()));
        for (key, wh) in TARIFFS.iter().zip(self.energy.periods_wh()) {
            json.number_text(key, Thousandths(wh));
        }
        json.number_text("充电时长_分", (self.seconds / 60.0) as u64);
        json.text(
            "停止原因",
            if self.battery.is_full() {
                "BMS达到充电目标"
            } else {
                "用户主动停止"
            },
        );
        json.number_text(
            "金额_元",
            format_args!("{}.{:02}", self.energy.cents() / 100, self.energy.cents() % 100),
        );
        json.finish()
    }
}

/// The 命令 of this firmware.
pub(crate) fn record_name(voice: &Voice) -> &'static str {
    if voice.firmware.old_names {
        "交易记录"
    } else {
        "充电记录"
    }
}
