//! Whether the rail keeps its promise: simulated fleets whose piles differ, whose failures come in bunches, whose
//! charges follow the day; campaigns over them with the default plan, with harmless packages and with bad ones.
//!
//! Everything is seeded: the counts are the same in every run.

use std::collections::HashMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use store::ota::Arm;

use super::*;
use crate::ota::model::lot::{Entrant, Lot, draw};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const RUNS: u64 = 100;
/// What is known of each pile from before.
const HISTORY_DAYS: u32 = 30;
/// How long it takes until all piles of a stage have been updated.
const UPDATING_HOURS: u64 = 5;
/// Of a failed start, that the driver tries again there at once, and that this fails too.
const RETRY: (f64, f64) = (0.6, 0.3);
/// Piles differ in how often starts fail: Beta(1, this), 3 % of all starts with the retries.
const FAILURE_BETA: f64 = 38.0;
/// By how much a bad package multiplies that: 9 % of all starts.
const BAD: f64 = 3.15;
/// Share of a day's charges by hour.
const PROFILE: [f64; 24] = [
    0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.06, 0.07, 0.08, 0.07, 0.05, 0.05, 0.05,
    0.06, 0.06, 0.05, 0.05, 0.04, 0.03, 0.03,
];

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
    /// Of a rate far below a hundred.
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
}

/// One pile's nature.
struct Pile {
    charges_per_day: f64,
    failure: f64,
    offline: f64,
    warnings_per_hour: f64,
    bytes_per_day: f64,
}

struct World {
    dice: Dice,
    plan: Plan,
    piles: Vec<Pile>,
    lots: Vec<Lot>,
    /// When each pile was updated.
    updated: Vec<Option<i64>>,
    is_offline: Vec<bool>,
    /// How often starts failed before the campaign, against the others.
    usual: Vec<f64>,
    worsens: f64,
    campaign_id: u64,
    now: i64,
    starts: [f64; 2],
    failures: [f64; 2],
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
    fn new(piles: u64, worsens: f64, seed: u64) -> Self {
        let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(seed));
        let plan = Plan::default();
        let entrants: Vec<_> = (0..piles)
            .map(|device_id| Entrant {
                device_id,
                model: format!("M{}", device_id % 2),
                sta_id: device_id / 10,
            })
            .collect();
        let nature = |dice: &mut Dice| Pile {
            charges_per_day: dice.exponential(3.0) + dice.exponential(3.0),
            failure: 1.0 - (1.0 - dice.unit()).powf(1.0 / FAILURE_BETA),
            offline: dice.exponential(0.02).min(0.5),
            warnings_per_hour: dice.exponential(0.02) * dice.exponential(1.0),
            bytes_per_day: 200_000.0 * dice.exponential(1.0).exp2(),
        };
        let natures: Vec<_> = (0..piles).map(|_| nature(&mut dice)).collect();
        let history: Vec<_> = natures
            .iter()
            .map(|pile| {
                let starts = f64::from(
                    (0..HISTORY_DAYS)
                        .map(|_| dice.poisson(pile.charges_per_day))
                        .sum::<u32>(),
                );
                let failures = (0..starts as u32).filter(|_| dice.chance(pile.failure)).count();
                (failures as f64, starts)
            })
            .collect();
        Self {
            usual: usual(&history),
            piles: natures,
            lots: draw(seed, &plan, &entrants),
            updated: vec![None; piles as usize],
            is_offline: vec![false; piles as usize],
            plan,
            dice,
            worsens,
            campaign_id: seed,
            now: 0,
            starts: [0.0; 2],
            failures: [0.0; 2],
        }
    }

    /// An hour of the whole fleet.
    fn hour(&mut self, seen: &mut Seen) {
        let (hour, day) = (self.now, self.now - self.now % DAY);
        for id in 0..self.piles.len() {
            let updated = self.updated[id].is_some_and(|at| at <= hour);
            let pile = &self.piles[id];
            let key = (id as u64, hour);
            let switches = if self.is_offline[id] {
                0.25
            } else {
                pile.offline / 4.0
            };
            self.is_offline[id] ^= self.dice.chance(switches);
            let samples = if self.is_offline[id] { 12.0 } else { 0.0 };
            seen.samples.push(Cell {
                place: id,
                slot: hour,
                events: samples,
                scored: samples,
                exposure: 12.0,
            });
            let mean = pile.charges_per_day * PROFILE[(hour / HOUR % 24) as usize];
            let failure = (pile.failure * if updated { self.worsens } else { 1.0 }).min(0.9);
            let (mut failed, mut starts) = (0.0, 0.0);
            for _ in 0..self.dice.poisson(mean) {
                starts += 1.0;
                let mut fails = self.dice.chance(failure);
                while fails {
                    failed += 1.0;
                    if !self.dice.chance(RETRY.0) {
                        break;
                    }
                    starts += 1.0;
                    fails = self.dice.chance(RETRY.1);
                }
            }
            if starts > 0.0 {
                seen.starts.push(Cell::starts(id, hour, failed, starts));
                self.starts[usize::from(updated)] += starts;
                self.failures[usize::from(updated)] += failed;
            }
            let warnings = self.dice.poisson(pile.warnings_per_hour);
            if warnings > 0 {
                seen.warnings.insert(key, f64::from(warnings).min(10.0));
            }
            let bytes = pile.bytes_per_day / 24.0 * (0.5 + self.dice.unit());
            *seen.bytes.entry((id as u64, day)).or_default() += bytes;
        }
        seen.hours.push(hour);
        self.now += HOUR;
    }

    fn looks(&self, stage: u8, look_no: u32, since: i64, seen: &Seen) -> Vec<Look> {
        let subjects =
            |since: &dyn Fn(i64) -> i64, stage_since: i64, usual: Option<&[f64]>| -> Vec<Subject> {
                let subject = |id: usize| {
                    let control = self.lots[id].arm == Arm::Control || self.lots[id].stage > stage;
                    let updated = self.updated[id].map_or(i64::MAX, |at| since(at).max(stage_since));
                    Subject {
                        device_id: id as u64,
                        block: self.lots[id].block,
                        updated: !control,
                        since: if control { stage_since } else { updated },
                        usual: usual.map_or(1.0, |usual| usual[id]),
                    }
                };
                (0..self.lots.len()).map(subject).collect()
            };
        let by_hour = subjects(&|at| at, since, None);
        let by_start = subjects(&|at| at, since, Some(&self.usual));
        let by_day = subjects(&|at| at - at % DAY + DAY, since - since % DAY + DAY, None);
        let occasion = Occasion {
            campaign_id: self.campaign_id,
            stage,
            look: look_no,
        };
        let days: Vec<i64> = (since / DAY..=self.now / DAY).map(|day| day * DAY).collect();
        let warnings = spread(&by_hour, &seen.hours, 1.0, &seen.warnings);
        let bytes = capped(spread(&by_day, &days, 1.0, &seen.bytes), 0.98);
        [
            (Measure::BootFailures, &by_start, &seen.starts),
            (Measure::Offline, &by_hour, &seen.samples),
            (Measure::Warnings, &by_hour, &warnings),
            (Measure::Traffic, &by_day, &bytes),
        ]
        .map(|(measure, subjects, cells)| look(occasion, &self.plan, measure, subjects, cells))
        .into()
    }

    /// Carries the campaign out, up to and with `last`; the stage in which it was halted for being worse.
    fn campaign(&mut self, last: u8) -> Option<u8> {
        for stage in 0..=last {
            let (since, mut looks) = (self.now, 0);
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
                match says(&self.plan, &self.looks(stage, looks, since, &seen)) {
                    RailSays::Worse(..) => return Some(stage),
                    RailSays::Fine if self.now >= soaked => break,
                    _ if self.now >= until => break,
                    _ => {}
                }
            }
        }
        None
    }
}

/// In how many of the runs the campaign is halted, by stage; and the share of starts that failed, before and after.
fn halts(piles: u64, worsens: f64, last: u8) -> (Vec<usize>, [f64; 2]) {
    let run = |seed| {
        let mut world = World::new(piles, worsens, seed);
        (world.campaign(last), world.starts, world.failures)
    };
    let runs: Vec<_> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || {
                (0..RUNS / 2)
                    .map(|nth| run(nth * 2 + half + 1))
                    .collect::<Vec<_>>()
            })
        });
        halves
            .into_iter()
            .flat_map(|half| half.join().expect("a run does not panic"))
            .collect()
    });
    let halted = |stage| runs.iter().filter(|(halt, ..)| *halt == Some(stage)).count();
    let rate = |side: usize| {
        runs.iter().map(|run| run.2[side]).sum::<f64>() / runs.iter().map(|run| run.1[side]).sum::<f64>()
    };
    ((0..=last).map(halted).collect(), [rate(0), rate(1)])
}

fn keeps_its_promise(piles: u64, last: u8) {
    let (bad, rates) = halts(piles, BAD, 1);
    println!("{piles} piles, bad package: halted by stage {bad:?}, failures {rates:?}");
    assert!(
        (0.027..0.033).contains(&rates[0]) && (0.085..0.095).contains(&rates[1]),
        "{rates:?}"
    );
    assert!(bad.iter().sum::<usize>() >= 95, "{piles} piles: {bad:?}");
    let (good, rates) = halts(piles, 1.0, last);
    println!("{piles} piles, good package: halted by stage {good:?}, failures {rates:?}");
    assert!(good.iter().sum::<usize>() <= 5, "{piles} piles: {good:?}");
}

#[test]
fn a_small_fleet_is_kept_from_a_bad_package_and_not_from_a_good_one() {
    keeps_its_promise(200, 3);
}

#[test]
fn a_large_fleet_is_kept_from_a_bad_package_and_not_from_a_good_one() {
    keeps_its_promise(1000, 1);
}
