//! The randomization test: had the lots within the blocks fallen otherwise, how often would the updated piles look as
//! bad as they do?
//!
//! If the package changes nothing, a pile's figures are the same whether it was drawn or not, so every other draw was
//! as likely as this one, whatever the figures are made of: piles that differ, failures that come in bunches, traffic
//! with heavy tails. The unit is the pile, never the single start.

use std::collections::{BTreeMap, HashMap, HashSet};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use xxhash_rust::xxh3::xxh3_64;

use super::Subject;

/// With so many draws that are as bad, it goes on to no other end: the p-value is then their share so far
/// (Besag and Clifford), which is as valid as drawing on.
const ENOUGH: u32 = 10;
/// Draws per reciprocal of the bound: a p-value at the bound still rests on several draws.
const DRAWS_PER_BOUND: f64 = 5.0;
const MOST_DRAWS: u32 = 500_000;

/// A pile: its block, its side, its events above what is expected of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    pub(super) block: u32,
    pub(super) updated: bool,
    pub(super) residual: f64,
}

/// The piles of one block, and how many of them are drawn: those of the smaller side.
struct Block {
    residuals: Vec<f64>,
    drawn: usize,
    /// 1 if the drawn side is the updated one, else −1: then its sum stands for the other's.
    sign: f64,
    sum: f64,
}

/// The subjects, those held back counting as long as an updated pile of their block, drawn by lot. A control pile that
/// counted longer would not be like an updated one, and could not stand for it in another draw.
pub(super) fn alike(subjects: &[Subject]) -> Vec<Subject> {
    let mut updated: HashMap<u32, Vec<i64>> = HashMap::new();
    for subject in subjects
        .iter()
        .filter(|subject| subject.updated && subject.since < i64::MAX)
    {
        updated.entry(subject.block).or_default().push(subject.since);
    }
    let alike = |subject: &Subject| {
        let mut subject = *subject;
        if !subject.updated {
            let ticket = xxh3_64(&subject.device_id.to_le_bytes());
            subject.since = match updated.get(&subject.block) {
                Some(times) => subject.since.max(times[(ticket % times.len() as u64) as usize]),
                None => i64::MAX,
            };
        }
        subject
    };
    subjects.iter().map(alike).collect()
}

/// One-sided p-value: small where the updated piles' sum is large. 1 where nothing can be compared.
pub(super) fn p_value(units: &[Unit], bound: f64, seed: u64) -> f64 {
    let mut blocks = blocks(units);
    if blocks.is_empty() {
        return 1.0;
    }
    let paired: HashSet<u32> = paired(units).into_keys().collect();
    let counted = units.iter().filter(|unit| paired.contains(&unit.block));
    let observed: f64 = counted
        .clone()
        .filter(|unit| unit.updated)
        .map(|unit| unit.residual)
        .sum();
    let scale: f64 = counted.map(|unit| unit.residual.abs()).sum();
    let as_bad = observed - scale * 1e-9;
    let most = (DRAWS_PER_BOUND / bound).ceil().min(f64::from(MOST_DRAWS)) as u32;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut worse = 0;
    for draw in 1..=most {
        let sum: f64 = blocks.iter_mut().map(|block| block.draw(&mut rng)).sum();
        if sum >= as_bad {
            worse += 1;
            if worse == ENOUGH {
                return f64::from(worse) / f64::from(draw);
            }
        }
    }
    f64::from(worse + 1) / f64::from(most + 1)
}

/// How many piles of each side a block has; only blocks that have both.
fn paired(units: &[Unit]) -> HashMap<u32, [usize; 2]> {
    let mut sides: HashMap<u32, [usize; 2]> = HashMap::new();
    for unit in units {
        sides.entry(unit.block).or_default()[usize::from(unit.updated)] += 1;
    }
    sides.retain(|_, sides| sides.iter().all(|count| *count > 0));
    sides
}

fn blocks(units: &[Unit]) -> Vec<Block> {
    let mut blocks: BTreeMap<u32, Block> = paired(units)
        .into_iter()
        .map(|(block, [control, updated])| {
            let block_of = Block {
                residuals: Vec::with_capacity(control + updated),
                drawn: control.min(updated),
                sign: if updated <= control { 1.0 } else { -1.0 },
                sum: 0.0,
            };
            (block, block_of)
        })
        .collect();
    for unit in units {
        if let Some(block) = blocks.get_mut(&unit.block) {
            block.residuals.push(unit.residual);
            block.sum += unit.residual;
        }
    }
    blocks.into_values().collect()
}

impl Block {
    /// The updated side's sum in another draw.
    fn draw(&mut self, rng: &mut Xoshiro256PlusPlus) -> f64 {
        let count = self.residuals.len();
        let mut drawn = 0.0;
        for place in 0..self.drawn {
            // Below 2^32 piles: a multiplication instead of a division, its bias below one in a million.
            let offset = (u64::from(rng.next_u32()) * (count - place) as u64) >> 32;
            self.residuals.swap(place, place + offset as usize);
            drawn += self.residuals[place];
        }
        if self.sign > 0.0 { drawn } else { self.sum - drawn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of three, one updated; `worse` is added to the updated pile's residual.
    fn units(blocks: u32, worse: f64, seed: u64) -> Vec<Unit> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..blocks * 3)
            .map(|nth| {
                let updated = nth % 3 == 0;
                let noise = f64::from(rng.next_u32()) / f64::from(u32::MAX) - 0.5;
                Unit {
                    block: nth / 3,
                    updated,
                    residual: noise + if updated { worse } else { 0.0 },
                }
            })
            .collect()
    }

    #[test]
    fn what_is_plainly_worse_has_a_p_value_below_any_bound_in_use() {
        assert!(p_value(&units(100, 0.5, 1), 0.001, 7) < 0.000_5);
        assert!(p_value(&units(100, -0.5, 1), 0.001, 7) > 0.9);
    }

    #[test]
    fn without_an_effect_p_values_are_not_small_more_often_than_they_say() {
        let small = (0..400).filter(|seed| p_value(&units(40, 0.0, *seed), 0.01, seed + 1000) <= 0.1);
        let small = small.count();
        // 40 are expected, with a standard deviation of 6.
        assert!((16..=64).contains(&small), "{small} of 400");
    }

    #[test]
    fn what_cannot_be_compared_says_nothing() {
        assert_eq!(p_value(&[], 0.01, 1), 1.0);
        let mut alone = units(10, 3.0, 1);
        alone.retain(|unit| unit.updated);
        assert_eq!(p_value(&alone, 0.01, 1), 1.0);
    }

    #[test]
    fn one_block_has_as_few_draws_as_it_has_piles() {
        let mut three = units(1, 100.0, 1);
        three[0].residual = 100.0;
        let p = p_value(&three, 0.001, 3);
        assert!((0.1..=0.7).contains(&p), "one of three draws is as bad: {p}");
    }
}
