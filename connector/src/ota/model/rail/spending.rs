//! How the probability of a false halt is shared out: over measures, stages and looks. However often and however long
//! is looked, the shares add up to no more than the whole, so the whole bounds the probability that any look is false.

use store::ota::Measure;

/// The measures, and each one's share of the whole.
const SHARES: [(Measure, f64); 4] = [
    (Measure::BootFailures, 0.4),
    (Measure::Offline, 0.2),
    (Measure::Warnings, 0.2),
    (Measure::Traffic, 0.2),
];
/// What the rail compares.
pub const MEASURES: [Measure; 4] = [
    Measure::BootFailures,
    Measure::Offline,
    Measure::Warnings,
    Measure::Traffic,
];
/// The first looks of a stage have equal parts …
const EVEN_LOOKS: u32 = 5;
/// … of this much of the stage's share; the looks behind them share the rest, for ever.
const EVEN_PART: f64 = 0.8;

/// The error probability spent on one look (from 1) at one measure in one stage (from 0).
pub fn bound(false_halt_percent: u8, measure: Measure, stage: u8, look: u32) -> f64 {
    let share = SHARES
        .iter()
        .find(|(other, _)| *other == measure)
        .map_or(0.0, |(_, share)| *share);
    // Half for the canary, a quarter for the first stage, and so on.
    let stage = 0.5_f64.powi(i32::from(stage) + 1);
    f64::from(false_halt_percent) / 100.0 * share * stage * look_part(look)
}

fn look_part(look: u32) -> f64 {
    match look.checked_sub(EVEN_LOOKS) {
        None | Some(0) => EVEN_PART / f64::from(EVEN_LOOKS),
        // 1/(k(k+1)) adds up to 1.
        Some(late) => (1.0 - EVEN_PART) / (f64::from(late) * (f64::from(late) + 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_never_add_up_to_more_than_the_whole() {
        let mut spent = 0.0;
        for measure in MEASURES {
            for stage in 0..=20 {
                spent += (1..=5000).map(|look| bound(5, measure, stage, look)).sum::<f64>();
            }
        }
        assert!((0.0499..=0.05).contains(&spent), "{spent}");
    }

    #[test]
    fn what_is_no_measure_gets_nothing() {
        assert_eq!(bound(5, Measure::Presence, 0, 1), 0.0);
    }
}
