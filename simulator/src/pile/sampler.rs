//! Messages for the flood: those of a pile that charges for ever, without the life around them.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use protocol::Uuid;

use super::charge::{Attempt, Charge, record_name};
use super::firmware::{Firmware, RunDataKind};
use super::outbox::uplink;
use super::output::Message;
use super::profile::Profile;
use super::run_data::{self, Points};
use super::voice::Voice;

const ZONE: u8 = 1;
const POWER_W: f64 = 120_000.0;
const CHARGE_MS: i64 = 1_800_000;

/// Makes one pile's messages as fast as they can be taken.
#[derive(Debug)]
pub struct Sampler {
    voice: Voice,
    rng: Xoshiro256PlusPlus,
    points: Points,
    reqid: u32,
    serial: u32,
}

impl Sampler {
    /// A source of messages for the pile with this uuid.
    pub fn new(profile: &Profile, uuid: Uuid) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(profile.seed.rotate_left(32) ^ uuid.counter());
        let mut firmware = Firmware::draw(&profile.shares, &mut rng);
        if firmware.run_data == RunDataKind::ChangesOnly {
            // Every flood message is a whole one, so that bytes per message mean something.
            firmware.run_data = RunDataKind::V3;
        }
        let points = Points {
            work: "充电",
            is_plugged: true,
            milli_volts: rng.random_range(350_000..420_000),
            milli_amps: rng.random_range(50_000..200_000),
            charged_wh: 0,
            minutes: 0,
            soc: 20,
            meter_wh: rng.random_range(0..80_000_000),
        };
        let serial = rng.random_range(0..10_000);
        Self {
            voice: Voice {
                firmware,
                clock_offset_ms: 0,
            },
            rng,
            points,
            reqid: 0,
            serial,
        }
    }

    /// The next 运行数据.
    pub fn run_data(&mut self, now: i64) -> Message {
        self.reqid = self.reqid.wrapping_add(1);
        // By half an ampere and more: what is shown in tenths of a kilowatt changes, too.
        self.points.milli_amps ^= u64::from(self.reqid & 0x1F) << 9;
        self.points.charged_wh = u64::from(self.reqid) % 90_000;
        self.points.meter_wh += 1;
        let rendered = run_data::render(&self.points, None, ZONE, self.reqid, now, &self.voice);
        let (name, payload) = rendered.expect("without a former message everything is sent");
        uplink(name, payload, None)
    }

    /// A 充电记录 of its own.
    pub fn record(&mut self, now: i64) -> Message {
        self.reqid = self.reqid.wrapping_add(1);
        self.serial = self.serial.wrapping_add(1);
        let attempt = Attempt::draw(now, self.serial, self.voice.firmware.garbled_vin, &mut self.rng);
        let number = attempt.number;
        let mut charge = Charge::start(
            attempt,
            POWER_W,
            self.points.meter_wh,
            now - CHARGE_MS,
            f64::INFINITY,
            &mut self.rng,
        );
        charge.advance(now, 1.0);
        let payload = charge.render_record(ZONE, self.reqid, now, &self.voice);
        uplink(record_name(&self.voice), payload, Some(number))
    }
}
