//! One gun: free, plugged, charging, finished. Time alone drives it.

use rand::Rng;

use super::boot_failure::Cause;
use super::charge::{Attempt, Charge};
use super::profile::{FAR_AWAY_MS, Profile};
use super::run_data::Points;

/// Handshake from plug to power, simulated s.
const START_S: std::ops::Range<f64> = 8.0..40.0;
/// From the end of a charge until the driver pulls the plug, simulated s.
const UNPLUG_S: std::ops::Range<f64> = 20.0..600.0;
/// A charging gun is looked at this often even between run data, simulated s.
const CHARGE_STEP_S: f64 = 60.0;

#[derive(Debug, Clone, PartialEq)]
enum Phase {
    Idle { until: i64 },
    Plugged { until: i64, attempt: Attempt },
    Charging { charge: Box<Charge>, look_at: i64 },
    Finished { until: i64, charge: Option<Box<Charge>> },
}

/// What a step of a gun brought.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing is due.
    Rest,
    /// The state changed; look again.
    Moved,
    /// A driver plugged in.
    Plugged,
    /// A charge began.
    Started,
    /// A charge ended, with its record due.
    Ended(Box<Charge>),
    /// The charge did not start.
    Failed(Attempt, &'static Cause),
}

/// What a gun needs from its pile to move on.
pub(crate) struct Surroundings<'a, R> {
    pub(crate) profile: &'a Profile,
    pub(crate) rng: &'a mut R,
    pub(crate) clock_offset_ms: i64,
    pub(crate) garbled_vin: bool,
    pub(crate) may_start: bool,
    pub(crate) guns: u8,
    pub(crate) serial: u32,
    /// Share of charges that fail to start.
    pub(crate) boot_failure: f64,
}

/// One gun of a pile.
#[derive(Debug, Clone)]
pub(crate) struct Gun {
    pub(crate) zone: u8,
    pub(crate) is_disabled: bool,
    /// What it last sent on this connection, for firmware that sends changes only.
    pub(crate) last_sent: Option<Points>,
    phase: Phase,
    power_w: f64,
    meter_wh: u64,
}

impl Gun {
    /// A free gun that waits for its first driver.
    pub(crate) fn new(
        zone: u8,
        power_w: f64,
        guns: u8,
        now: i64,
        profile: &Profile,
        rng: &mut impl Rng,
    ) -> Self {
        let meter_wh = rng.random_range(0..80_000_000);
        let phase = Phase::Idle {
            until: now + wait_for_driver(profile, guns, rng),
        };
        Self {
            zone,
            is_disabled: false,
            last_sent: None,
            phase,
            power_w,
            meter_wh,
        }
    }

    /// Whether a vehicle is charging.
    pub(crate) fn is_charging(&self) -> bool {
        matches!(self.phase, Phase::Charging { .. })
    }

    /// When time will next move it.
    pub(crate) fn next_due(&self) -> i64 {
        match &self.phase {
            Phase::Idle { until } if self.is_disabled => (*until).max(FAR_AWAY_MS),
            Phase::Idle { until } | Phase::Plugged { until, .. } | Phase::Finished { until, .. } => *until,
            Phase::Charging { look_at, .. } => *look_at,
        }
    }

    /// Moves on by at most one transition.
    pub(crate) fn step<R: Rng>(&mut self, now: i64, around: &mut Surroundings<'_, R>) -> Step {
        if self.next_due() > now {
            return Step::Rest;
        }
        match &mut self.phase {
            Phase::Idle { .. } => self.plug(now, around),
            Phase::Plugged { attempt, .. } => {
                let attempt = attempt.clone();
                self.begin(attempt, now, around)
            }
            Phase::Charging { .. } => self.charge_on(now, around),
            Phase::Finished { .. } => {
                self.phase = Phase::Idle {
                    until: now + wait_for_driver(around.profile, around.guns, around.rng),
                };
                Step::Moved
            }
        }
    }

    fn plug<R: Rng>(&mut self, now: i64, around: &mut Surroundings<'_, R>) -> Step {
        if !around.may_start {
            self.phase = Phase::Idle { until: FAR_AWAY_MS };
            return Step::Rest;
        }
        let attempt = Attempt::draw(
            now + around.clock_offset_ms,
            around.serial,
            around.garbled_vin,
            around.rng,
        );
        let until = now + around.profile.wall_ms(around.rng.random_range(START_S));
        self.phase = Phase::Plugged { until, attempt };
        Step::Plugged
    }

    fn begin<R: Rng>(&mut self, attempt: Attempt, now: i64, around: &mut Surroundings<'_, R>) -> Step {
        if around.rng.random::<f64>() < around.boot_failure {
            self.phase = Phase::Finished {
                until: now + unplug_after(around),
                charge: None,
            };
            return Step::Failed(attempt, Cause::draw(around.rng));
        }
        let longest_s = around.profile.longest_charge_s;
        let charge = Charge::start(attempt, self.power_w, self.meter_wh, now, longest_s, around.rng);
        self.phase = Phase::Charging {
            charge: Box::new(charge),
            look_at: now + around.profile.wall_ms(CHARGE_STEP_S),
        };
        Step::Started
    }

    fn charge_on<R: Rng>(&mut self, now: i64, around: &mut Surroundings<'_, R>) -> Step {
        let Phase::Charging { charge, look_at } = &mut self.phase else {
            return Step::Rest;
        };
        if !charge.advance(now, around.profile.speed) {
            *look_at = now + around.profile.wall_ms(CHARGE_STEP_S);
            return Step::Moved;
        }
        let ended = charge.clone();
        self.meter_wh = ended.meter_wh();
        self.phase = Phase::Finished {
            until: now + unplug_after(around),
            charge: Some(ended.clone()),
        };
        Step::Ended(ended)
    }

    /// The readings at `now`; a running charge is brought up to date first.
    pub(crate) fn points(&mut self, now: i64, speed: f64, rng: &mut impl Rng) -> Points {
        if let Phase::Charging { charge, .. } = &mut self.phase {
            charge.advance(now, speed);
        }
        let idle = Points {
            work: if self.is_disabled { "禁用" } else { "空闲" },
            is_plugged: false,
            milli_volts: rng.random_range(0..900),
            milli_amps: rng.random_range(0..4),
            charged_wh: 0,
            minutes: 0,
            soc: 0,
            meter_wh: self.meter_wh,
        };
        match &self.phase {
            Phase::Idle { .. } => idle,
            Phase::Plugged { .. } => Points {
                work: "启动中",
                is_plugged: true,
                ..idle
            },
            Phase::Charging { charge, .. } => charging_points(charge, rng),
            Phase::Finished { charge: None, .. } => Points {
                work: "启动失败",
                is_plugged: true,
                ..idle
            },
            Phase::Finished {
                charge: Some(charge), ..
            } => {
                let done = charging_points(charge, rng);
                Points {
                    work: "充电完成",
                    milli_volts: idle.milli_volts,
                    milli_amps: idle.milli_amps,
                    ..done
                }
            }
        }
    }
}

fn charging_points(charge: &Charge, rng: &mut impl Rng) -> Points {
    let noise: f64 = rng.random_range(0.998..1.002);
    Points {
        work: "充电",
        is_plugged: true,
        milli_volts: (charge.battery.voltage() * noise * 1000.0) as u64,
        milli_amps: (charge.battery.current() * noise * 1000.0) as u64,
        charged_wh: charge.energy.total_wh(),
        minutes: (charge.seconds / 60.0) as u64,
        soc: charge.battery.soc_percent(),
        meter_wh: charge.meter_wh(),
    }
}

fn wait_for_driver(profile: &Profile, guns: u8, rng: &mut impl Rng) -> i64 {
    profile.draw_wait_ms(profile.charge_rate / f64::from(guns), rng)
}

fn unplug_after<R: Rng>(around: &mut Surroundings<'_, R>) -> i64 {
    let seconds = around.rng.random_range(UNPLUG_S);
    around.profile.wall_ms(seconds)
}
