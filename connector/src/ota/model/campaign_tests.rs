//! Requests at any moment, halts with their reasons, and an end in any case.

use proptest::prelude::*;

use super::*;

const T: i64 = 1_741_778_206_000;

fn draft() -> OtaCampaign {
    OtaCampaign {
        campaign_id: 9,
        version: "1.0.8".into(),
        rollback_package_id: 6,
        rollback_version: "1.0.7".into(),
        state: CampaignState::Draft.as_str().into(),
        ..OtaCampaign::default()
    }
}

fn running() -> OtaCampaign {
    ask(
        &draft(),
        &Plan::default(),
        Request::Start,
        "zhang",
        &Tally::default(),
        T,
    )
    .unwrap()
}

fn settled(piles: u32) -> Tally {
    Tally {
        stage_piles: piles,
        stage_settled: piles,
        begun: piles,
        ..Tally::default()
    }
}

#[test]
fn stages_follow_each_other_and_the_last_one_ends_it() {
    let plan = Plan::default();
    let (mut campaign, mut now) = (running(), T);
    let mut deeds = Vec::new();
    while !CampaignState::parse(&campaign.state).unwrap().is_final() {
        now += 3_600_000;
        if let Some((next, deed)) = tick(&campaign, &plan, &settled(10), &RailSays::Fine, now) {
            deeds.push(deed);
            campaign = next;
        }
    }
    use Deed::{Soak, Stage, State};
    let end = State(CampaignState::Finished);
    assert_eq!(
        deeds,
        [
            Soak(0),
            Stage(1),
            Soak(1),
            Stage(2),
            Soak(2),
            Stage(3),
            Soak(3),
            end
        ]
    );
    assert!(campaign.finished_time >= T + 4 * plan.soak_ms(0));
}

#[test]
fn a_stage_does_not_end_without_data_and_does_not_wait_for_ever() {
    let plan = Plan::default();
    let mut campaign = running();
    campaign.soak_since = T;
    let waiting = RailSays::Waiting("启动次数不足".into());
    let soaked = T + plan.soak_ms(0);
    assert_eq!(tick(&campaign, &plan, &settled(9), &waiting, soaked), None);
    let late = soaked + i64::from(plan.rail.data_wait_s) * 1000;
    let (halted, _) = tick(&campaign, &plan, &settled(9), &waiting, late).unwrap();
    assert_eq!(halted.state, "halted");
    assert!(halted.reason.contains("启动次数不足"));
}

#[test]
fn what_is_worse_halts_and_whoever_resumes_begins_the_comparison_anew() {
    let plan = Plan::default();
    let worse = RailSays::Worse("启动失败率".into(), "[1]".into());
    let (halted, deed) = tick(&running(), &plan, &settled(9), &worse, T + 1).unwrap();
    assert_eq!(
        (deed, halted.figures.as_str()),
        (Deed::State(CampaignState::Halted), "[1]")
    );
    let again = ask(&halted, &plan, Request::Resume, "zhang", &settled(9), T + 5).unwrap();
    assert_eq!(
        (again.state.as_str(), again.stage_since, again.looks),
        ("running", T + 5, 0)
    );
    assert!(again.figures.is_empty());
}

#[test]
fn too_many_failures_halt_and_are_forgiven_only_by_whoever_resumes() {
    let plan = Plan::default();
    let tally = |failed| Tally {
        failed,
        ..settled(30)
    };
    let tick = |campaign: &OtaCampaign, failed| tick(campaign, &plan, &tally(failed), &RailSays::Fine, T + 1);
    let campaign = running();
    assert!(matches!(tick(&campaign, 3), Some((_, Deed::Soak(0)))));
    let (halted, _) = tick(&campaign, 4).unwrap();
    assert_eq!(halted.state, "halted");
    assert!(halted.reason.contains("4桩失败"), "{}", halted.reason);
    let resumed = ask(&halted, &plan, Request::Resume, "zhang", &tally(4), T + 2).unwrap();
    assert!(matches!(tick(&resumed, 7), Some((_, Deed::Soak(0)))));
    assert!(matches!(
        tick(&resumed, 8),
        Some((_, Deed::State(CampaignState::Halted)))
    ));
}

#[test]
fn requests_that_make_no_sense_are_refused_with_a_reason() {
    let plan = Plan::default();
    let none = Tally::default();
    let refused = |campaign: &OtaCampaign, asked| ask(campaign, &plan, asked, "z", &none, T).unwrap_err().0;
    assert_eq!(refused(&draft(), Request::Pause), "任务草稿，不能暂停");
    assert_eq!(refused(&running(), Request::Resume), "任务进行中，不能继续");
    let nowhere = OtaCampaign {
        rollback_package_id: 0,
        ..running()
    };
    assert!(refused(&nowhere, Request::Rollback).contains("没有指定回退包"));
    let nameless = OtaCampaign {
        version: " ".into(),
        ..draft()
    };
    assert!(refused(&nameless, Request::Start).contains("缺少目标软件版本"));
}

#[derive(Debug, Clone)]
enum Happening {
    Asked(Request),
    Piles(Tally),
    Rail(RailSays),
    Hours(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let tally = (1..100u32, 0..100u32, 0..30u32, 0..3u32).prop_map(|(piles, settled, failed, open)| Tally {
        stage_piles: piles,
        stage_settled: settled.min(piles),
        failed,
        begun: piles,
        open,
    });
    let rail = prop_oneof![
        6 => Just(RailSays::Fine),
        2 => Just(RailSays::Waiting("x".into())),
        1 => Just(RailSays::Worse("x".into(), "[]".into())),
    ];
    prop_oneof![
        proptest::sample::select(Request::ALL).prop_map(Happening::Asked),
        tally.prop_map(Happening::Piles),
        rail.prop_map(Happening::Rail),
        (1..100i64).prop_map(Happening::Hours),
    ]
}

proptest! {
    /// Pause, resume, abort and rollback at any moment: the stage never falls, a final state is left only by going
    /// back, a halt has a reason, and left alone the campaign ends.
    #[test]
    fn every_way_ends(happenings in proptest::collection::vec(happening(), 0..120)) {
        let plan = Plan::default();
        let (mut campaign, mut now) = (running(), T);
        let (mut tally, mut rail) = (settled(10), RailSays::Fine);
        for happening in happenings {
            let before = campaign.clone();
            match happening {
                Happening::Asked(asked) => {
                    if let Ok(next) = ask(&campaign, &plan, asked, "z", &tally, now) {
                        campaign = next;
                    }
                }
                Happening::Piles(piles) => tally = piles,
                Happening::Rail(says) => rail = says,
                Happening::Hours(hours) => now += hours * 3_600_000,
            }
            if let Some((next, _)) = tick(&campaign, &plan, &tally, &rail, now) {
                campaign = next;
            }
            let (was, is) = (CampaignState::parse(&before.state), CampaignState::parse(&campaign.state));
            prop_assert!(campaign.stage >= before.stage && campaign.stage <= plan.last_stage());
            prop_assert!(is != Some(CampaignState::Draft));
            let left_an_end = was.is_some_and(CampaignState::is_final) && was != is;
            prop_assert!(!left_an_end || matches!(is, Some(CampaignState::RollingBack | CampaignState::RolledBack)));
            prop_assert!(is != Some(CampaignState::Halted) || !campaign.reason.is_empty());
        }
        // Left alone, all piles at their ends.
        let quiet = Tally { open: 0, ..tally };
        for _ in 0..4 {
            now = now.max(campaign.deadline);
            if let Some((next, _)) = tick(&campaign, &plan, &quiet, &RailSays::Fine, now) {
                campaign = next;
            }
        }
        prop_assert!(CampaignState::parse(&campaign.state).unwrap().is_final(), "{:?}", campaign);
    }
}
