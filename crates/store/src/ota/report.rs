//! The report of a campaign: a plain function of its rows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Arm, EventKind, Measure, Phase, PileState};
use crate::table::{
    ota_campaign::OtaCampaign, ota_campaign_event::OtaCampaignEvent, ota_campaign_figure::OtaCampaignFigure,
    ota_campaign_pile::OtaCampaignPile,
};

/// What became of a campaign. Times are Unix ms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The campaign.
    pub campaign_id: u64,
    /// Where it stands, a word of `CampaignState`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Piles in it.
    pub total: u32,
    /// Of these, in a final state.
    pub ended: u32,
    /// Of these, held back for comparison.
    pub control: u32,
    /// Logged in with the new version, and charged or not: of the piles to be updated, percent.
    pub updated_percent: f64,
    /// Piles by state and reason, most first.
    pub counts: Vec<PileCount>,
    /// Each stage that has piles.
    pub stages: Vec<StageReport>,
    /// How long the steps took.
    pub durations: Durations,
    /// The last look of each stage at each measure.
    pub comparison: Vec<ControlComparison>,
    /// Every request and decision, oldest first.
    pub decisions: Vec<OtaCampaignEvent>,
}

/// Piles that share direction, state and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PileCount {
    /// A word of `Phase`.
    pub phase: String,
    /// A word of `PileState`.
    pub state: String,
    /// Why they are in it.
    pub reason: String,
    /// How many.
    pub piles: u32,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StageReport {
    /// 0 = canary.
    pub stage: u8,
    /// Piles to be updated in it.
    pub piles: u32,
    /// Logged in with the wanted version.
    pub updated: u32,
    /// Failed or timed out.
    pub failed: u32,
    /// Skipped.
    pub skipped: u32,
    /// Not in a final state yet.
    pub open: u32,
}

/// How long steps took, over the piles that have taken them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Durations {
    /// From 下载 to its end.
    pub download: Spread,
    /// From 更新程序并重启 to the login with the new version.
    pub restart: Spread,
    /// From that login to the first good charge.
    pub first_charge: Spread,
}

/// A distribution, ms.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Spread {
    /// Piles.
    pub piles: u32,
    /// Half of them were not slower.
    pub median_ms: i64,
    /// 95 percent were not slower.
    pub p95_ms: i64,
    /// The slowest.
    pub max_ms: i64,
}

/// The last look of one stage at one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlComparison {
    /// 0 = canary.
    pub stage: u8,
    /// A word of `Measure`.
    pub measure: String,
    /// When.
    pub look_time: i64,
    /// Which look of the stage.
    pub look: u32,
    /// Updated piles: their number, events, exposure and rate (events per exposure; 0 without exposure).
    pub updated_piles: u32,
    /// Their events.
    pub updated_events: f64,
    /// Of how much.
    pub updated_exposure: f64,
    /// Their rate.
    pub updated_rate: f64,
    /// Control piles.
    pub control_piles: u32,
    /// Their events.
    pub control_events: f64,
    /// Of how much.
    pub control_exposure: f64,
    /// Their rate.
    pub control_rate: f64,
    /// Of the randomization test.
    pub p_value: f64,
    /// Worse when the p-value is not above it.
    pub bound: f64,
    /// A word of `Verdict`.
    pub verdict: String,
}

/// The report of a campaign from its rows, in any order.
pub fn report(
    campaign: &OtaCampaign,
    piles: &[OtaCampaignPile],
    figures: &[OtaCampaignFigure],
    events: &[OtaCampaignEvent],
) -> Report {
    let states = || piles.iter().filter_map(|pile| PileState::parse(&pile.state));
    let control = piles
        .iter()
        .filter(|pile| pile.arm == Arm::Control.as_str())
        .count();
    let updated = piles.iter().filter(|pile| is_updated(pile)).count();
    let to_update = piles.len() - control;
    let mut decisions: Vec<_> = events.to_vec();
    decisions.sort_by_key(|event| (event.event_time, event.event_id));
    Report {
        campaign_id: campaign.campaign_id,
        state: campaign.state.clone(),
        reason: campaign.reason.clone(),
        total: number(piles.len()),
        ended: number(states().filter(|state| state.is_final()).count()),
        control: number(control),
        updated_percent: if to_update == 0 {
            0.0
        } else {
            updated as f64 * 100.0 / to_update as f64
        },
        counts: counts(piles),
        stages: stages(piles),
        durations: durations(piles),
        comparison: comparison(figures),
        decisions,
    }
}

/// Whether a pile has the new version: it logged in with it and has not gone back.
fn is_updated(pile: &OtaCampaignPile) -> bool {
    pile.phase == Phase::Update.as_str() && pile.login_time > 0
}

fn counts(piles: &[OtaCampaignPile]) -> Vec<PileCount> {
    let mut groups: BTreeMap<_, u32> = BTreeMap::new();
    for pile in piles {
        *groups
            .entry((&pile.phase, &pile.state, &pile.reason))
            .or_default() += 1;
    }
    let mut counts: Vec<_> = groups
        .into_iter()
        .map(|((phase, state, reason), piles)| PileCount {
            phase: phase.clone(),
            state: state.clone(),
            reason: reason.clone(),
            piles,
        })
        .collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.piles));
    counts
}

fn stages(piles: &[OtaCampaignPile]) -> Vec<StageReport> {
    let mut stages: BTreeMap<u8, StageReport> = BTreeMap::new();
    for pile in piles.iter().filter(|pile| pile.arm == Arm::Update.as_str()) {
        let stage = stages.entry(pile.stage).or_default();
        stage.stage = pile.stage;
        stage.piles += 1;
        stage.updated += u32::from(is_updated(pile));
        match PileState::parse(&pile.state) {
            Some(PileState::Failed | PileState::TimedOut) => stage.failed += 1,
            Some(PileState::Skipped) => stage.skipped += 1,
            Some(state) if state.is_final() => {}
            _ => stage.open += 1,
        }
    }
    stages.into_values().collect()
}

fn durations(piles: &[OtaCampaignPile]) -> Durations {
    Durations {
        download: spread(
            piles
                .iter()
                .map(|pile| (pile.download_time, pile.downloaded_time)),
        ),
        restart: spread(piles.iter().map(|pile| (pile.update_time, pile.login_time))),
        first_charge: spread(piles.iter().map(|pile| (pile.login_time, pile.charge_time))),
    }
}

fn spread(times: impl Iterator<Item = (i64, i64)>) -> Spread {
    let mut took: Vec<i64> = times
        .filter(|(from, to)| *from > 0 && *to > 0)
        .map(|(from, to)| (to - from).max(0))
        .collect();
    took.sort_unstable();
    let at = |percent: usize| {
        took.get((took.len() * percent).div_ceil(100).saturating_sub(1))
            .copied()
            .unwrap_or_default()
    };
    Spread {
        piles: number(took.len()),
        median_ms: at(50),
        p95_ms: at(95),
        max_ms: at(100),
    }
}

fn comparison(figures: &[OtaCampaignFigure]) -> Vec<ControlComparison> {
    let mut last: BTreeMap<(u8, &str), &OtaCampaignFigure> = BTreeMap::new();
    for figure in figures
        .iter()
        .filter(|figure| figure.measure != Measure::Presence.as_str())
    {
        let present = last.entry((figure.stage, &figure.measure)).or_insert(figure);
        if figure.look_time > present.look_time {
            *present = figure;
        }
    }
    last.into_values().map(compared).collect()
}

fn compared(figure: &OtaCampaignFigure) -> ControlComparison {
    let rate = |events: f64, exposure: f64| if exposure > 0.0 { events / exposure } else { 0.0 };
    ControlComparison {
        stage: figure.stage,
        measure: figure.measure.clone(),
        look_time: figure.look_time,
        look: figure.look,
        updated_piles: figure.updated_piles,
        updated_events: figure.updated_events,
        updated_exposure: figure.updated_exposure,
        updated_rate: rate(figure.updated_events, figure.updated_exposure),
        control_piles: figure.control_piles,
        control_events: figure.control_events,
        control_exposure: figure.control_exposure,
        control_rate: rate(figure.control_events, figure.control_exposure),
        p_value: figure.p_value,
        bound: figure.bound,
        verdict: figure.verdict.clone(),
    }
}

impl OtaCampaignEvent {
    /// Whether it is a request that nobody has looked at yet.
    pub fn is_pending(&self) -> bool {
        self.kind == EventKind::Request.as_str() && self.outcome.is_empty()
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pile(device_id: u64, state: PileState, reason: &str) -> OtaCampaignPile {
        OtaCampaignPile {
            arm: Arm::Update.as_str().into(),
            state: state.as_str().into(),
            reason: reason.into(),
            download_time: 1000,
            downloaded_time: 1000 + device_id as i64 * 10,
            login_time: i64::from(matches!(state, PileState::Succeeded)),
            ..OtaCampaignPile::chosen(1, device_id, "AAAAAMWY")
        }
    }

    fn figure(measure: Measure, look_time: i64) -> OtaCampaignFigure {
        OtaCampaignFigure {
            measure: measure.as_str().into(),
            look_time,
            updated_events: 9.0,
            updated_exposure: 100.0,
            ..OtaCampaignFigure::default()
        }
    }

    #[test]
    fn piles_are_counted_by_state_and_reason_and_the_last_look_counts() {
        let mut piles: Vec<_> = (1..=3).map(|id| pile(id, PileState::Succeeded, "")).collect();
        piles.push(pile(4, PileState::Failed, "MD5不符"));
        piles.push(OtaCampaignPile {
            arm: Arm::Control.as_str().into(),
            ..pile(5, PileState::Control, "")
        });
        let figures = [
            figure(Measure::BootFailures, 20),
            figure(Measure::BootFailures, 10),
            figure(Measure::Presence, 30),
        ];
        let report = report(&OtaCampaign::default(), &piles, &figures, &[]);
        assert_eq!((report.total, report.ended, report.control), (5, 5, 1));
        assert!((report.updated_percent - 75.0).abs() < 1e-9);
        assert_eq!((report.counts.len(), report.counts[0].piles), (3, 3));
        assert_eq!((report.stages[0].piles, report.stages[0].failed), (4, 1));
        assert_eq!(
            (
                report.durations.download.median_ms,
                report.durations.download.max_ms
            ),
            (30, 50)
        );
        assert_eq!((report.comparison.len(), report.comparison[0].look_time), (1, 20));
        assert!((report.comparison[0].updated_rate - 0.09).abs() < 1e-9);
    }

    #[test]
    fn an_empty_campaign_has_a_report() {
        let report = report(&OtaCampaign::default(), &[], &[], &[]);
        assert_eq!(report.durations.restart, Spread::default());
        assert!(report.counts.is_empty() && report.updated_percent == 0.0);
    }
}
