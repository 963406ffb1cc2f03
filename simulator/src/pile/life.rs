//! What time brings to a pile: charges, failures, warnings, telemetry.

use std::sync::Arc;

use super::boot_failure::Cause;
use super::charge::{Attempt, Charge, record_name};
use super::gun::{Step, Surroundings};
use super::outbox::{Awaiting, uplink};
use super::output::Output;
use super::warning::{self, OpenWarning};
use super::{Pile, Sending, run_data};

impl Pile {
    pub(super) fn move_guns(&mut self, now: i64, out: &mut Vec<Output>) {
        for index in 0..self.guns.len() {
            loop {
                let zone = self.guns[index].zone;
                match self.step_gun(index, now) {
                    Step::Rest => break,
                    Step::Moved => {}
                    Step::Plugged => {
                        self.serial += 1;
                        self.charges += 1;
                    }
                    Step::Started => self.components.count_start(zone),
                    Step::Ended(charge) => self.keep_record(&charge, zone, now, out),
                    Step::Failed(attempt, cause) => self.keep_failure(&attempt, cause, zone, now),
                }
            }
        }
    }

    fn step_gun(&mut self, index: usize, now: i64) -> Step {
        let mut around = Surroundings {
            profile: &self.profile,
            rng: &mut self.rng,
            clock_offset_ms: self.voice.clock_offset_ms,
            garbled_vin: self.voice.firmware.garbled_vin,
            may_start: self.profile.charges.is_none_or(|most| self.charges < most),
            guns: u8::try_from(self.guns.len()).unwrap_or(1),
            serial: self.serial,
            boot_failure: self.behaviour.boot_failure,
        };
        self.guns[index].step(now, &mut around)
    }

    fn keep_record(&mut self, charge: &Charge, zone: u8, now: i64, out: &mut Vec<Output>) {
        let (number, reqid) = (charge.attempt.number, self.next_reqid());
        let payload = charge.render_record(zone, reqid, now, &self.voice);
        let message = uplink(record_name(&self.voice), payload, Some(number));
        self.outbox.push(Awaiting::Record(number), message, now);
        out.push(Output::RecordMade(number));
    }

    fn keep_failure(&mut self, attempt: &Attempt, cause: &Cause, zone: u8, now: i64) {
        // Nothing was charged: this attempt does not use up one of the pile's charges.
        self.charges -= 1;
        if let Some(part) = cause.part {
            self.components.count(zone, part, true);
        }
        let reqid = self.next_reqid();
        let payload = attempt.render_failure(cause, zone, reqid, now, &self.voice);
        self.outbox.push(
            Awaiting::BootFailure(reqid),
            uplink("启动失败原因", payload, None),
            now,
        );
    }

    pub(super) fn move_warnings(&mut self, now: i64) {
        while let Some(index) = self
            .warnings
            .iter()
            .position(|warning| warning.recovers_ms <= now)
        {
            let warning = self.warnings.swap_remove(index);
            self.push_warning(&warning, true, now);
        }
        if self.next_warning <= now {
            let profile = Arc::clone(&self.profile);
            self.next_warning = now + profile.draw_wait_ms(self.behaviour.warning_rate, &mut self.rng);
            let recovers_ms = now + profile.draw_wait_ms(warning::RECOVERIES_PER_HOUR, &mut self.rng);
            let guns = u8::try_from(self.guns.len()).unwrap_or(1);
            if let Some(warning) = OpenWarning::draw(&self.warnings, guns, now, recovers_ms, &mut self.rng) {
                self.push_warning(&warning, false, now);
                self.warnings.push(warning);
            }
        }
    }

    fn push_warning(&mut self, warning: &OpenWarning, recovered: bool, now: i64) {
        let reqid = self.next_reqid();
        let payload = warning.render(recovered, reqid, now, &self.voice);
        self.outbox.push(
            Awaiting::Event(reqid),
            uplink(OpenWarning::name(&self.voice), payload, None),
            now,
        );
    }

    pub(super) fn send_run_data(&mut self, now: i64, out: &mut Vec<Output>) {
        if self.sending == Sending::LoginOnly {
            return;
        }
        for index in 0..self.guns.len() {
            let gun = &mut self.guns[index];
            let points = gun.points(now, self.profile.speed, &mut self.rng);
            let (last, zone) = (gun.last_sent.replace(points), gun.zone);
            let reqid = self.next_reqid();
            if let Some((name, payload)) =
                run_data::render(&points, last.as_ref(), zone, reqid, now, &self.voice)
            {
                out.push(Output::Send(uplink(name, payload, None)));
            }
        }
    }
}
