//! Simulated fleets: piles that differ, failures in bunches, charges that follow the day, and what each of them has
//! done in the month before; and a campaign over them with the default plan.

use std::collections::HashMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use store::ota::{Arm, Measure, Plan, Verdict};

use super::super::*;
use crate::ota::model::lot::{Entrant, Lot, draw};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// What is known of each pile from before.
const HISTORY_DAYS: u32 = 30;
/// How long it takes until all piles of a stage have been updated.
const UPDATING_HOURS: u64 = 5;
/// Of a failed start, that the driver tries again there at once, and that this fails too.
const RETRY: (f64, f64) = (0.6, 0.3);
/// Piles differ in how often starts fail: Beta(1, this), 3 % of all starts with the retries.
const FAILURE_BETA: f64 = 38.0;
/// That an offline pile is back within the hour.
const BACK: f64 = 0.25;
/// Samples of who is offline in an hour.
const SAMPLES: f64 = 12.0;
/// Share of a day's charges by hour.
const PROFILE: [f64; 24] = [
    0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.06, 0.07, 0.08, 0.07, 0.05, 0.05, 0.05,
    0.06, 0.06, 0.05, 0.05, 0.04, 0.03, 0.03,
];

/// By how much a package multiplies what a pile has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Package {
    /// The probability that a start fails.
    pub(super) failures: f64,
    /// How often it loses its connection.
    pub(super) offline: f64,
    /// Warnings.
    pub(super) warnings: f64,
    /// Bytes.
    pub(super) traffic: f64,
}

/// One that changes nothing.
pub(super) const HARMLESS: Package = Package {
    failures: 1.0,
    offline: 1.0,
    warnings: 1.0,
    traffic: 1.0,
};

/// How a campaign was halted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Halt {
    pub(super) stage: u8,
    /// What was worse.
    pub(super) measures: Vec<Measure>,
}

impl Halt {
    fn of(stage: u8, looks: &[Look]) -> Self {
        let worse = looks.iter().filter(|look| look.verdict == Verdict::Worse);
        Self {
            stage,
            measures: worse.map(|look| look.measure).collect(),
        }
    }
}

struct Dice(Xoshiro256PlusPlus);

impl Dice {
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
    /// Of a mean far below a hundred.
    fn poisson(&mut self, mean: f64) -> u32 {
        let (mut left, mut count) = ((-mean).exp(), 0);
        let roll = self.unit();
        let mut sum = left;
        while roll > sum && count < 100 {
            count += 1;
            left *= mean / f64::from(count);
            sum += left;
        }
        count
    }

    /// Failed starts and all starts, where so many charges are expected and each fails so often.
    fn starts(&mut self, charges: f64, failure: f64) -> (f64, f64) {
        let (mut failed, mut starts) = (0.0, 0.0);
        for _ in 0..self.poisson(charges) {
            starts += 1.0;
            let mut fails = self.chance(failure);
            while fails {
                failed += 1.0;
                if !self.chance(RETRY.0) {
                    break;
                }
                starts += 1.0;
                fails = self.chance(RETRY.1);
            }
        }
        (failed, starts)
    }
}

/// One pile's nature.
struct Pile {
    charges_per_day: f64,
    failure: f64,
    offline: f64,
    warnings_per_hour: f64,
    bytes_per_day: f64,
}

impl Pile {
    fn new(dice: &mut Dice) -> Self {
        Self {
            charges_per_day: dice.exponential(3.0) + dice.exponential(3.0),
            failure: 1.0 - (1.0 - dice.unit()).powf(1.0 / FAILURE_BETA),
            offline: dice.exponential(0.02).min(0.5),
            warnings_per_hour: dice.exponential(0.02) * dice.exponential(1.0),
            bytes_per_day: 200_000.0 * dice.exponential(1.0).exp2(),
        }
    }
}

/// What is known of the piles from the month before, as the runner reads it.
fn history(piles: &[Pile], dice: &mut Dice) -> [Vec<f64>; 3] {
    let days = f64::from(HISTORY_DAYS);
    let mut month = |per_day: f64| {
        let count: u32 = (0..HISTORY_DAYS).map(|_| dice.poisson(per_day)).sum();
        f64::from(count)
    };
    let warnings: Vec<_> = piles
        .iter()
        .map(|pile| (month(24.0 * pile.warnings_per_hour), 1.0))
        .collect();
    let starts: Vec<_> = piles.iter().map(|pile| month(pile.charges_per_day)).collect();
    let failed = |(pile, starts): (&Pile, &f64)| {
        let failed = (0..*starts as u32).filter(|_| dice.chance(pile.failure)).count();
        (failed as f64, *starts)
    };
    let failures: Vec<_> = piles.iter().zip(&starts).map(failed).collect();
    let per_day = piles.iter().map(|pile| pile.bytes_per_day).sum::<f64>() / piles.len() as f64;
    let bytes = piles
        .iter()
        .map(|pile| (pile.bytes_per_day * days / per_day, days));
    let bytes: Vec<_> = bytes.collect();
    [usual(&failures), usual(&warnings), usual(&bytes)]
}

/// A fleet and the campaign over it.
pub(super) struct World {
    dice: Dice,
    plan: Plan,
    piles: Vec<Pile>,
    lots: Vec<Lot>,
    /// When each pile was updated.
    updated: Vec<Option<i64>>,
    is_offline: Vec<bool>,
    /// What the piles had before the campaign, against the others: failed starts, warnings, bytes.
    usual: [Vec<f64>; 3],
    package: Package,
    campaign_id: u64,
    now: i64,
    /// Events and exposure, by measure, of piles before and behind their update.
    pub(super) seen: [[(f64, f64); 2]; 4],
}

/// What happened since a stage began, cell by cell.
#[derive(Default)]
struct Seen {
    starts: Vec<Cell>,
    samples: Vec<Cell>,
    warnings: HashMap<(u64, i64), f64>,
    bytes: HashMap<(u64, i64), f64>,
    hours: Vec<i64>,
}

impl World {
    pub(super) fn new(piles: u64, package: Package, seed: u64) -> Self {
        let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(seed));
        let plan = Plan::default();
        let entrants: Vec<_> = (0..piles)
            .map(|device_id| Entrant {
                device_id,
                model: format!("M{}", device_id % 2),
                sta_id: device_id / 10,
            })
            .collect();
        let piles: Vec<_> = entrants.iter().map(|_| Pile::new(&mut dice)).collect();
        Self {
            usual: history(&piles, &mut dice),
            lots: draw(seed, &plan, &entrants),
            updated: vec![None; piles.len()],
            is_offline: vec![false; piles.len()],
            piles,
            plan,
            dice,
            package,
            campaign_id: seed,
            now: 0,
            seen: Default::default(),
        }
    }

    /// An hour of the whole fleet.
    fn hour(&mut self, seen: &mut Seen) {
        let (hour, day) = (self.now, self.now - self.now % DAY);
        for id in 0..self.piles.len() {
            let updated = self.updated[id].is_some_and(|at| at <= hour);
            let package = if updated { self.package } else { HARMLESS };
            let pile = &self.piles[id];
            let goes = if self.is_offline[id] {
                BACK
            } else {
                pile.offline * BACK * package.offline
            };
            self.is_offline[id] ^= self.dice.chance(goes);
            let samples = if self.is_offline[id] { SAMPLES } else { 0.0 };
            seen.samples.push(Cell {
                place: id,
                slot: hour,
                events: samples,
                scored: samples,
                exposure: SAMPLES,
            });
            let mean = pile.charges_per_day * PROFILE[(hour / HOUR % 24) as usize];
            let failure = (pile.failure * package.failures).min(0.9);
            let (failed, starts) = self.dice.starts(mean, failure);
            if starts > 0.0 {
                seen.starts.push(Cell::starts(id, hour, failed, starts));
            }
            let warnings = f64::from(self.dice.poisson(pile.warnings_per_hour * package.warnings));
            if warnings > 0.0 {
                seen.warnings.insert((id as u64, hour), warnings.min(10.0));
            }
            let bytes = pile.bytes_per_day / 24.0 * (0.5 + self.dice.unit()) * package.traffic;
            *seen.bytes.entry((id as u64, day)).or_default() += bytes;
            let had = [
                (failed, starts),
                (samples, SAMPLES),
                (warnings, 1.0),
                (bytes, 1.0),
            ];
            for (sum, (events, exposure)) in self.seen.iter_mut().zip(had) {
                let side = &mut sum[usize::from(updated)];
                *side = (side.0 + events, side.1 + exposure);
            }
        }
        seen.hours.push(hour);
        self.now += HOUR;
    }

    /// The comparison of a stage: each pile since `from` says of its update, with what it usually has.
    fn subjects(
        &self,
        stage: u8,
        since: i64,
        from: &dyn Fn(i64) -> i64,
        usual: Option<&[f64]>,
    ) -> Vec<Subject> {
        let subject = |id: usize| {
            let control = self.lots[id].arm == Arm::Control || self.lots[id].stage > stage;
            let updated = self.updated[id].map_or(i64::MAX, |at| from(at).max(since));
            Subject {
                device_id: id as u64,
                block: self.lots[id].block,
                updated: !control,
                since: if control { since } else { updated },
                usual: usual.map_or(1.0, |usual| usual[id]),
            }
        };
        (0..self.lots.len()).map(subject).collect()
    }

    fn looks(&self, stage: u8, look_no: u32, counted: &[u32], since: i64, seen: &Seen) -> Vec<Look> {
        let [failures, warnings, bytes] = &self.usual;
        let by_start = self.subjects(stage, since, &|at| at, Some(failures));
        let present = self.subjects(stage, since, &|at| at, None);
        let warned = self.subjects(stage, since, &|at| at, Some(warnings));
        let next_day = |at: i64| at - at % DAY + DAY;
        let talking = self.subjects(stage, next_day(since), &next_day, Some(bytes));
        let occasion = Occasion {
            campaign_id: self.campaign_id,
            stage,
            look: look_no,
        };
        let days: Vec<i64> = (since / DAY..=self.now / DAY).map(|day| day * DAY).collect();
        let warnings = spread(&warned, &seen.hours, 1.0, &seen.warnings);
        let bytes = capped(&talking, spread(&talking, &days, 1.0, &seen.bytes), 0.98);
        let measures = [
            (Measure::BootFailures, &by_start, &seen.starts),
            (Measure::Offline, &present, &seen.samples),
            (Measure::Warnings, &warned, &warnings),
            (Measure::Traffic, &talking, &bytes),
        ];
        let looks = measures
            .into_iter()
            .zip(counted)
            .map(|((measure, subjects, cells), counted)| {
                look(occasion, counted + 1, &self.plan, measure, subjects, cells)
            });
        looks.collect()
    }

    /// Carries the campaign out, up to and with the stage `last`; how it was halted for being worse.
    pub(super) fn campaign(&mut self, last: u8) -> Option<Halt> {
        for stage in 0..=last {
            let (since, mut looks, mut counted) = (self.now, 0, [0; 4]);
            for (lot, updated) in self.lots.iter().zip(&mut self.updated) {
                if lot.arm == Arm::Update && lot.stage == stage {
                    let hours = self.dice.0.next_u64() % UPDATING_HOURS + 1;
                    *updated = Some(since + hours as i64 * HOUR);
                }
            }
            let soak = self.plan.soak_ms(stage);
            let soaked = since + UPDATING_HOURS as i64 * HOUR + soak;
            let until = soaked + i64::from(self.plan.rail.data_wait_s) * 1000;
            let pause = soak / i64::from(self.plan.rail.looks_per_soak) / HOUR;
            let mut seen = Seen::default();
            loop {
                (0..pause).for_each(|_| self.hour(&mut seen));
                looks += 1;
                let look = self.looks(stage, looks, &counted, since, &seen);
                for (counted, look) in counted.iter_mut().zip(&look) {
                    *counted += u32::from(look.verdict != Verdict::NoData);
                }
                match says(&self.plan, &look) {
                    RailSays::Worse(..) => return Some(Halt::of(stage, &look)),
                    RailSays::Fine if self.now >= soaked => break,
                    _ if self.now >= until => break,
                    _ => {}
                }
            }
        }
        None
    }
}
