//! Who is held back, who is the canary, who comes in which stage: drawn by lot, the same lot whenever it is drawn.
//!
//! Piles are put in order of model and station and cut into blocks; how many of a block go where is fixed, which of
//! its piles go there is drawn. So the groups resemble each other, and the test of the safety rail can draw the same
//! lots again (`docs/OTA.md`).

use store::ota::{Arm, Plan};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A pile whose lot is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// The pile.
    pub device_id: u64,
    /// Its model.
    pub model: String,
    /// Its station.
    pub sta_id: u64,
}

/// A lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// Updated or held back.
    pub arm: Arm,
    /// In which stage; 0 for the canary and for the control group.
    pub stage: u8,
    /// The block within which it was drawn.
    pub block: u32,
}

/// How many piles go where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// Held back.
    pub control: usize,
    /// Updated, by stage; the first is the canary.
    pub stages: Vec<usize>,
}

/// The sizes of the groups of `piles` piles. Percentages are of the whole, rounded up once and not in every block; of
/// two piles or more at least one is held back, where any are, and one updated.
pub fn sizes(plan: &Plan, piles: usize) -> Sizes {
    let part = |percent: u8, of: usize| (of * usize::from(percent)).div_ceil(100);
    let control = part(plan.control_percent, piles).min(piles / 2);
    let updated = piles - control;
    let most = if plan.stages.is_empty() {
        updated
    } else {
        updated.div_ceil(2)
    };
    let wanted = part(plan.canary_percent, updated).max(plan.canary_count as usize);
    let mut done = if plan.stages.is_empty() {
        updated
    } else {
        wanted.min(most)
    };
    let mut stages = vec![done];
    for stage in &plan.stages {
        let until = part(stage.percent, updated).max(done);
        stages.push(until - done);
        done = until;
    }
    Sizes { control, stages }
}

/// The lot of every pile, in the order given.
pub fn draw(campaign_id: u64, plan: &Plan, piles: &[Entrant]) -> Vec<Lot> {
    let sizes = sizes(plan, piles.len());
    let block = block_size(&sizes, piles.len());
    let mut order: Vec<usize> = (0..piles.len()).collect();
    let ticket = |nth: usize| xxh3_64_with_seed(&piles[nth].device_id.to_le_bytes(), campaign_id);
    order.sort_by_cached_key(|&nth| {
        let pile = &piles[nth];
        (pile.model.as_str(), pile.sta_id, ticket(nth), pile.device_id)
    });
    for block in order.chunks_mut(block) {
        block.sort_by_cached_key(|&nth| (ticket(nth), piles[nth].device_id));
    }
    let mut lots = vec![None; piles.len()];
    for (place, (nth, (arm, stage))) in order.iter().zip(places(&sizes, piles.len())).enumerate() {
        let block = u32::try_from(place / block).unwrap_or(u32::MAX);
        lots[*nth] = Some(Lot { arm, stage, block });
    }
    lots.into_iter().flatten().collect()
}

/// Large enough that a block has a pile of the canary and one of the control group.
fn block_size(sizes: &Sizes, piles: usize) -> usize {
    let smallest = sizes.control.min(sizes.stages[0]).max(1);
    piles.div_ceil(smallest).clamp(4, 1000)
}

/// What each place in the order of blocks is for: every group is spread evenly over what the groups before left, so
/// that the whole is exact and a block has its share but for one pile.
fn places(sizes: &Sizes, piles: usize) -> Vec<(Arm, u8)> {
    let mut places = vec![None; piles];
    let mut groups = vec![(sizes.control, (Arm::Control, 0))];
    groups.extend(
        (0u8..)
            .zip(&sizes.stages)
            .map(|(stage, size)| (*size, (Arm::Update, stage))),
    );
    for (size, group) in groups {
        let free: Vec<usize> = (0..piles).filter(|place| places[*place].is_none()).collect();
        for (nth, place) in free.iter().enumerate() {
            if (nth + 1) * size / free.len() > nth * size / free.len() {
                places[*place] = Some(group);
            }
        }
    }
    let last = u8::try_from(sizes.stages.len() - 1).unwrap_or(u8::MAX);
    places
        .into_iter()
        .map(|place| place.unwrap_or((Arm::Update, last)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(piles: u64) -> Vec<Entrant> {
        (0..piles)
            .map(|device_id| Entrant {
                device_id,
                model: format!("M{}", device_id % 3),
                sta_id: device_id / 8,
            })
            .collect()
    }

    fn count(lots: &[Lot], arm: Arm, stage: u8) -> usize {
        lots.iter()
            .filter(|lot| lot.arm == arm && lot.stage == stage)
            .count()
    }

    #[test]
    fn groups_have_their_sizes_and_the_lot_does_not_change() {
        let (plan, fleet) = (Plan::default(), fleet(1000));
        let lots = draw(7, &plan, &fleet);
        assert_eq!(lots, draw(7, &plan, &fleet));
        assert_ne!(lots, draw(8, &plan, &fleet));
        assert_eq!(count(&lots, Arm::Control, 0), 100);
        let stages: Vec<_> = (0..=3).map(|stage| count(&lots, Arm::Update, stage)).collect();
        assert_eq!(stages, [50, 130, 270, 450]);
    }

    #[test]
    fn groups_are_balanced_by_model() {
        let (plan, fleet) = (Plan::default(), fleet(3000));
        let lots = draw(7, &plan, &fleet);
        for model in ["M0", "M1", "M2"] {
            let held = fleet.iter().zip(&lots);
            let held = held.filter(|(pile, lot)| pile.model == model && lot.arm == Arm::Control);
            assert!((95..=105).contains(&held.count()), "{model}");
        }
    }

    #[test]
    fn shares_are_exact_over_the_whole_however_many_blocks_there_are() {
        for (piles, models) in [(150, 30), (150, 150), (1003, 41), (10_000, 300)] {
            let fleet: Vec<_> = (0..piles)
                .map(|device_id| Entrant {
                    device_id,
                    model: format!("M{}", device_id % models),
                    sta_id: device_id,
                })
                .collect();
            for control_percent in [1, 7, 10, 40] {
                let plan = Plan {
                    control_percent,
                    ..Plan::default()
                };
                let lots = draw(3, &plan, &fleet);
                let share = piles as f64 * f64::from(control_percent) / 100.0;
                assert_eq!(
                    count(&lots, Arm::Control, 0) as f64,
                    share.ceil(),
                    "{piles} piles"
                );
                let blocks = lots.iter().map(|lot| lot.block).max().unwrap_or(0);
                for block in 0..=blocks {
                    let of_block: Vec<_> = lots.iter().copied().filter(|lot| lot.block == block).collect();
                    let share = of_block.len() as f64 * share.ceil() / piles as f64;
                    let held = count(&of_block, Arm::Control, 0) as f64;
                    assert!((held - share).abs() <= 1.0, "block {block}: {held} of {share}");
                }
            }
        }
    }

    #[test]
    fn small_fleets_keep_somebody_for_every_group() {
        for piles in 0..60 {
            let sizes = sizes(&Plan::default(), piles);
            assert_eq!(sizes.control + sizes.stages.iter().sum::<usize>(), piles);
            assert_eq!(draw(1, &Plan::default(), &fleet(piles as u64)).len(), piles);
        }
        let of = |piles| sizes(&Plan::default(), piles);
        assert_eq!((of(1).control, of(1).stages[0]), (0, 1));
        let four = of(4);
        assert_eq!((four.control, four.stages), (1, vec![2, 0, 0, 1]));
    }

    #[test]
    fn without_stages_the_canary_is_all() {
        let plan = Plan {
            stages: vec![],
            control_percent: 0,
            ..Plan::default()
        };
        assert_eq!(sizes(&plan, 500).stages, [500]);
    }
}
