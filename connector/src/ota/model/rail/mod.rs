//! The safety rail: updated piles against the control group, over and over, without halting harmless campaigns more
//! often than promised. `docs/OTA.md` has the reasoning and its sources.

mod cells;
mod lots;
mod spending;

use std::collections::HashMap;

use store::ota::{Measure, Plan, Verdict};

use super::campaign::RailSays;
pub use cells::{Cell, capped, spread, usual};
use lots::{Unit, p_value};
pub use spending::{MEASURES, bound};

/// A pile in the comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject {
    /// The pile.
    pub device_id: u64,
    /// The block in which its lot was drawn.
    pub block: u32,
    /// Updated, or held back.
    pub updated: bool,
    /// It counts since, Unix ms: in slots that begin then or later. Of a held-back pile the earliest such time: it
    /// counts as long as an updated pile of its block does.
    pub since: i64,
    /// How much of what is counted it usually has, from before the campaign ([`usual`]); 1 = as much as the others.
    pub usual: f64,
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Side {
    /// Piles with data.
    pub piles: u32,
    /// Their events.
    pub events: f64,
    /// Of how much.
    pub exposure: f64,
}

/// A look at one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Of what.
    pub measure: Measure,
    /// The updated piles.
    pub updated: Side,
    /// The control group.
    pub control: Side,
    /// Events of the updated piles above what the slots' common rates expect of them.
    pub excess: f64,
    /// One-sided p-value of the randomization test.
    pub p_value: f64,
    /// Error probability spent on this look.
    pub bound: f64,
    /// What it says.
    pub verdict: Verdict,
}

/// Which look this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// The campaign: with the rest it seeds the draws, so that a look can be repeated.
    pub campaign_id: u64,
    /// The stage.
    pub stage: u8,
    /// The look of the stage, from 1.
    pub look: u32,
}

impl Side {
    /// Events per exposure; 0 without exposure.
    pub fn rate(&self) -> f64 {
        if self.exposure > 0.0 {
            self.events / self.exposure
        } else {
            0.0
        }
    }
}

/// Looks at one measure, for the `nth` time (from 1) in this stage that there was something to compare: other looks
/// cannot halt, and spend nothing of the error probability.
/// Cells that lie before their pile's `since` do not count.
pub fn look(
    occasion: Occasion,
    nth: u32,
    plan: &Plan,
    measure: Measure,
    subjects: &[Subject],
    cells: &[Cell],
) -> Look {
    let bound = bound(plan.rail.false_halt_percent, measure, occasion.stage, nth);
    let subjects = lots::alike(subjects);
    let Comparison {
        units,
        updated,
        control,
        ratio,
    } = compare(&subjects, cells);
    let excess = units
        .iter()
        .filter(|unit| unit.updated)
        .map(|unit| unit.residual)
        .sum();
    let p_value = p_value(&units, bound, seed(occasion, measure));
    let margin = 1.0 + f64::from(plan.rail.worse_by_percent) / 100.0;
    let verdict = if updated.exposure <= 0.0 || control.exposure <= 0.0 {
        Verdict::NoData
    } else if p_value <= bound && ratio > margin {
        Verdict::Worse
    } else {
        Verdict::Fine
    };
    Look {
        measure,
        updated,
        control,
        excess,
        p_value,
        bound,
        verdict,
    }
}

/// What the looks of one occasion say together. `ends` tells whether the stage could end now.
pub fn says(plan: &Plan, looks: &[Look]) -> RailSays {
    if !plan.rail.enabled {
        return RailSays::Fine;
    }
    let worse: Vec<_> = looks
        .iter()
        .filter(|look| look.verdict == Verdict::Worse)
        .collect();
    if !worse.is_empty() {
        let reasons: Vec<_> = worse.iter().map(|look| told(look)).collect();
        return RailSays::Worse(reasons.join("；"), figures(&worse));
    }
    let least = f64::from(plan.rail.min_starts);
    let starts = looks.iter().find(|look| look.measure == Measure::BootFailures);
    let (updated, control) = starts.map_or((0.0, 0.0), |look| (look.updated.exposure, look.control.exposure));
    if updated >= least && control >= least {
        return RailSays::Fine;
    }
    RailSays::Waiting(format!(
        "启动次数 升级桩{updated}、对照桩{control}，各需{}",
        plan.rail.min_starts
    ))
}

/// Looks for people. A measure without data compares nothing, and is not named.
pub fn in_words(looks: &[Look]) -> String {
    let compared = looks.iter().filter(|look| look.verdict != Verdict::NoData);
    compared.map(told).collect::<Vec<_>>().join("；")
}

/// The figures of both sides, the p-value and its bound.
fn told(look: &Look) -> String {
    let side = |side: &Side| {
        let rate = match look.measure {
            Measure::BootFailures | Measure::Offline => format!("{:.2}%", side.rate() * 100.0),
            Measure::Warnings => format!("{:.4}次/桩时", side.rate()),
            _ => format!("{:.0}字节/桩日", side.rate()),
        };
        format!(
            "{rate}（{:.0}/{:.0}，{}桩）",
            side.events, side.exposure, side.piles
        )
    };
    format!(
        "{}：升级桩{}，对照桩{}，p{}，界限{}",
        look.measure.chinese(),
        side(&look.updated),
        side(&look.control),
        equals(look.p_value),
        probability(look.bound)
    )
}

/// Below this nobody reads the digits.
const LEAST_READ: f64 = 0.000_01;

/// `=0.25`, `<0.00001`.
fn equals(p: f64) -> String {
    if p < LEAST_READ {
        format!("<{LEAST_READ}")
    } else {
        format!("={}", probability(p))
    }
}

/// With two digits that count: below 0.001 most bounds lie, too.
fn probability(p: f64) -> String {
    let digits = if p > 0.0 { 1 - p.log10().floor() as i32 } else { 0 };
    let text = format!("{p:.*}", digits.clamp(0, 12) as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Looks as JSON.
fn figures(looks: &[&Look]) -> String {
    let side = |side: &Side| {
        serde_json::json!({
            "piles": side.piles,
            "events": side.events,
            "exposure": side.exposure,
            "rate": side.rate(),
        })
    };
    let looks: Vec<_> = looks
        .iter()
        .map(|look| {
            serde_json::json!({
                "measure": look.measure.as_str(),
                "updated": side(&look.updated),
                "control": side(&look.control),
                "excess": look.excess,
                "p_value": look.p_value,
                "bound": look.bound,
            })
        })
        .collect();
    serde_json::Value::from(looks).to_string()
}

/// Both sides of a look, put side by side.
struct Comparison {
    units: Vec<Unit>,
    updated: Side,
    control: Side,
    /// How many times as much of what was expected of them the updated piles have as the others: with slots and piles
    /// that differ allowed for, which plain rates are not. Infinite where the others have nothing.
    ratio: f64,
}

/// Each pile's events above what the common rate of both sides in the same slots expects of it. Slots in which one
/// side has nothing compare nothing.
fn compare(subjects: &[Subject], cells: &[Cell]) -> Comparison {
    let counted = || {
        cells
            .iter()
            .map(|cell| (cell, &subjects[cell.place]))
            .filter(|(cell, subject)| cell.exposure > 0.0 && cell.slot >= subject.since)
    };
    let mut slots: HashMap<i64, [Side; 2], ahash::RandomState> = HashMap::default();
    for (cell, subject) in counted() {
        let side = &mut slots.entry(cell.slot).or_default()[usize::from(subject.updated)];
        side.events += cell.scored;
        side.exposure += cell.exposure * subject.usual;
    }
    slots.retain(|_, sides| sides.iter().all(|side| side.exposure > 0.0));
    let mut residuals = vec![None; subjects.len()];
    let mut sides = [Side::default(); 2];
    let (mut had, mut expected) = ([0.0; 2], [0.0; 2]);
    for (cell, subject) in counted() {
        let Some([control, updated]) = slots.get(&cell.slot) else {
            continue;
        };
        let rate = (control.events + updated.events) / (control.exposure + updated.exposure);
        let usual = rate * subject.usual * cell.exposure;
        let place = usize::from(subject.updated);
        let side = &mut sides[place];
        side.piles += u32::from(residuals[cell.place].is_none());
        side.events += cell.events;
        side.exposure += cell.exposure;
        had[place] += cell.scored;
        expected[place] += usual;
        *residuals[cell.place].get_or_insert(0.0) += cell.scored - usual;
    }
    let units = subjects.iter().zip(&residuals).filter_map(|(subject, residual)| {
        Some(Unit {
            block: subject.block,
            updated: subject.updated,
            residual: (*residual)?,
        })
    });
    Comparison {
        units: units.collect(),
        updated: sides[1],
        control: sides[0],
        ratio: (had[1] / expected[1]) / (had[0] / expected[0]),
    }
}

fn seed(occasion: Occasion, measure: Measure) -> u64 {
    let place = MEASURES
        .iter()
        .position(|other| *other == measure)
        .unwrap_or_default() as u64;
    occasion
        .campaign_id
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(u64::from(occasion.stage) << 40)
        .wrapping_add(u64::from(occasion.look) << 8)
        .wrapping_add(place)
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
