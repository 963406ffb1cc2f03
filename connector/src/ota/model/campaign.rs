//! The campaign: which request its state allows, and what it does by itself – begin a stage, soak, go on, halt, end.

use store::ota::{Arm, CampaignState, Phase, PileState, Plan, Request};
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_pile::OtaCampaignPile;

/// Fewer failures than this never halt, whatever their share.
const MIN_FAILURES: u32 = 3;

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

/// What a campaign did, for its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// It is in another state now.
    State(CampaignState),
    /// It began a stage.
    Stage(u8),
    /// It began to soak in its stage.
    Soak(u8),
}

/// How the piles stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Piles of the present stage.
    pub stage_piles: u32,
    /// Of these, updated or in a final state.
    pub stage_settled: u32,
    /// Of the piles of the present stage and before: failed or timed out.
    pub failed: u32,
    /// Piles of the present stage and before.
    pub begun: u32,
    /// Piles not in a final state, in any stage.
    pub open: u32,
}

/// What the safety rail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RailSays {
    /// It is off, or shows nothing and has enough data.
    Fine,
    /// It shows nothing, and has too little data for the stage to end: what is missing.
    Waiting(String),
    /// Something is worse beyond the bound: what, and its figures as JSON.
    Worse(String, String),
}

/// Counts the piles.
pub fn tally(campaign: &OtaCampaign, piles: &[OtaCampaignPile]) -> Tally {
    let mut tally = Tally::default();
    for pile in piles.iter().filter(|pile| pile.arm != Arm::Control.as_str()) {
        let Some(state) = PileState::parse(&pile.state) else {
            continue;
        };
        tally.open += u32::from(!state.is_final());
        if pile.stage > campaign.stage {
            continue;
        }
        tally.begun += 1;
        tally.failed += u32::from(
            matches!(state, PileState::Failed | PileState::TimedOut) && pile.phase == Phase::Update.as_str(),
        );
        if pile.stage == campaign.stage {
            tally.stage_piles += 1;
            tally.stage_settled += u32::from(state.is_final() || state == PileState::Soaking);
        }
    }
    tally
}

/// Carries out what somebody asked.
///
/// # Errors
/// Why the campaign's state does not allow it.
pub fn ask(
    campaign: &OtaCampaign,
    plan: &Plan,
    asked: Request,
    by: &str,
    tally: &Tally,
    now: i64,
) -> Result<OtaCampaign, Refusal> {
    use CampaignState::{Aborted, Draft, Finished, Halted, Paused, RolledBack, RollingBack, Running};
    let state = CampaignState::parse(&campaign.state).unwrap_or(Draft);
    let refused = |why: &str| {
        Err(Refusal(format!(
            "任务{}，不能{}{why}",
            state.chinese(),
            asked.chinese()
        )))
    };
    let reason = format!("{by}{}", asked.chinese());
    match (asked, state) {
        (Request::Start, Draft) => {
            if campaign.version.trim().is_empty() {
                return refused("：缺少目标软件版本");
            }
            if let Some(fault) = plan.faults().first() {
                return refused(&format!("：{} {}", fault.field, fault.chinese));
            }
            let mut next = enter(campaign, Running, &reason);
            (next.started_time, next.stage_since) = (now, now);
            next.deadline = now + i64::from(plan.deadlines.campaign_s) * 1000;
            Ok(next)
        }
        (Request::Pause, Running) => Ok(enter(campaign, Paused, &reason)),
        (Request::Resume, Paused) => Ok(enter(campaign, Running, &reason)),
        (Request::Resume, Halted) => {
            let mut next = enter(campaign, Running, &reason);
            // Somebody has judged the figures: what they were made of does not count again.
            (next.stage_since, next.looks, next.forgiven) = (now, 0, tally.failed);
            if next.soak_since > 0 {
                next.soak_since = now;
            }
            next.figures.clear();
            Ok(next)
        }
        (Request::Abort, Draft | Running | Paused | Halted | RollingBack) => {
            Ok(enter(campaign, Aborted, &reason))
        }
        (Request::Rollback, Running | Paused | Halted | Aborted | Finished) => {
            if campaign.rollback_package_id == 0 || campaign.rollback_version.trim().is_empty() {
                return refused("：没有指定回退包及其版本");
            }
            let mut next = enter(campaign, RollingBack, &reason);
            next.deadline = now + i64::from(plan.deadlines.campaign_s) * 1000;
            next.finished_time = 0;
            Ok(next)
        }
        (_, RolledBack | Aborted | Finished) => refused("：任务已结束"),
        _ => refused(""),
    }
}

/// What the campaign does by itself now, if anything.
pub fn tick(
    campaign: &OtaCampaign,
    plan: &Plan,
    tally: &Tally,
    rail: &RailSays,
    now: i64,
) -> Option<(OtaCampaign, Deed)> {
    let state = CampaignState::parse(&campaign.state)?;
    let into =
        |state: CampaignState, reason: &str| Some((enter(campaign, state, reason), Deed::State(state)));
    if state != CampaignState::Draft && !state.is_final() && now >= campaign.deadline {
        return into(CampaignState::Aborted, "任务到期");
    }
    if matches!(state, CampaignState::Running | CampaignState::Paused)
        && let RailSays::Worse(reason, figures) = rail
    {
        let mut next = enter(campaign, CampaignState::Halted, reason);
        next.figures.clone_from(figures);
        return Some((next, Deed::State(CampaignState::Halted)));
    }
    match state {
        CampaignState::Running => running(campaign, plan, tally, rail, now),
        CampaignState::RollingBack if tally.open == 0 => {
            let (mut next, deed) = into(CampaignState::RolledBack, "回退完毕")?;
            next.finished_time = now;
            Some((next, deed))
        }
        CampaignState::Aborted if tally.open == 0 && campaign.finished_time == 0 => {
            let mut next = campaign.clone();
            next.finished_time = now;
            Some((next, Deed::State(CampaignState::Aborted)))
        }
        _ => None,
    }
}

fn running(
    campaign: &OtaCampaign,
    plan: &Plan,
    tally: &Tally,
    rail: &RailSays,
    now: i64,
) -> Option<(OtaCampaign, Deed)> {
    if let Some(reason) = over_budget(campaign, plan, tally) {
        let next = enter(campaign, CampaignState::Halted, &reason);
        return Some((next, Deed::State(CampaignState::Halted)));
    }
    if campaign.soak_since == 0 {
        let needed = (tally.stage_piles * u32::from(plan.settled_percent)).div_ceil(100);
        return (tally.stage_settled >= needed).then(|| {
            let mut next = campaign.clone();
            next.soak_since = now;
            (next, Deed::Soak(campaign.stage))
        });
    }
    let soaked = campaign.soak_since + plan.soak_ms(campaign.stage);
    if now < soaked {
        return None;
    }
    if let RailSays::Waiting(missing) = rail {
        let until = soaked + i64::from(plan.rail.data_wait_s) * 1000;
        return (now >= until).then(|| {
            let reason = format!("观察期及等待期内数据不足，无法判断：{missing}");
            (
                enter(campaign, CampaignState::Halted, &reason),
                Deed::State(CampaignState::Halted),
            )
        });
    }
    if campaign.stage < plan.last_stage() {
        let mut next = campaign.clone();
        next.stage += 1;
        (next.stage_since, next.soak_since, next.looks) = (now, 0, 0);
        let stage = next.stage;
        return Some((next, Deed::Stage(stage)));
    }
    (tally.open == 0).then(|| {
        let mut next = enter(campaign, CampaignState::Finished, "全部阶段完成");
        next.finished_time = now;
        (next, Deed::State(CampaignState::Finished))
    })
}

/// Why too many piles failed; none if they did not.
fn over_budget(campaign: &OtaCampaign, plan: &Plan, tally: &Tally) -> Option<String> {
    let allowed = tally.begun * u32::from(plan.failure_budget_percent) / 100;
    let failed = tally.failed.saturating_sub(campaign.forgiven);
    (failed >= MIN_FAILURES && failed > allowed).then(|| {
        format!(
            "失败预算用尽：已开始各阶段共{}桩，{}桩失败或超时，预算{}%",
            tally.begun, failed, plan.failure_budget_percent
        )
    })
}

fn enter(campaign: &OtaCampaign, state: CampaignState, reason: &str) -> OtaCampaign {
    OtaCampaign {
        state: state.as_str().to_owned(),
        reason: reason.to_owned(),
        ..campaign.clone()
    }
}

#[cfg(test)]
#[path = "campaign_tests.rs"]
mod tests;
