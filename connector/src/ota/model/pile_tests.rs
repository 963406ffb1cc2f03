//! Every way of a pile ends, by legal steps, with a reason where it is not a success.

use proptest::prelude::*;

use super::*;

const T: i64 = 1_741_778_206_000;

fn plan() -> Plan {
    Plan::default()
}

fn waiting_pile(plan: &Plan) -> OtaCampaignPile {
    OtaCampaignPile {
        arm: Arm::Update.as_str().into(),
        deadline: T + i64::from(plan.deadlines.campaign_s) * 1000,
        ..OtaCampaignPile::chosen(9, 7, "AAAAAMWY")
    }
}

fn situation(plan: &Plan, now: i64) -> Situation<'_> {
    Situation {
        plan,
        now,
        wanted: "1.0.8",
        begin: true,
        stage: 0,
        open: Openness::ALWAYS,
        place: true,
    }
}

fn idle() -> Seen {
    Seen {
        online: true,
        version: "1.0.7".into(),
        ..Seen::default()
    }
}

fn told(command: Command) -> Seen {
    Seen { command, ..idle() }
}

fn logged_in(version: &str, at: i64) -> Seen {
    Seen {
        login: Some(Login {
            at,
            version: version.into(),
        }),
        ..idle()
    }
}

fn state(pile: &OtaCampaignPile) -> PileState {
    PileState::parse(&pile.state).unwrap()
}

/// The pile after these sights, a second apart.
fn after(plan: &Plan, sights: &[Seen]) -> OtaCampaignPile {
    let mut pile = waiting_pile(plan);
    for (nth, seen) in sights.iter().enumerate() {
        let now = T + 1000 * nth as i64;
        if let Some(next) = step(&pile, &situation(plan, now), seen) {
            pile = next;
        }
    }
    pile
}

#[test]
fn success_is_a_login_with_the_new_version_and_a_charge() {
    let plan = plan();
    let mut charged = logged_in(" 1.0.8 ", T + 5000);
    charged.charge = Some(T + 9000);
    let sights = [
        idle(),
        idle(),
        told(Command::Pending(40)),
        told(Command::Answered),
        idle(),
        told(Command::Answered),
        logged_in("1.0.8", T + 5000),
        logged_in("1.0.8", T + 5000),
        charged,
    ];
    let pile = after(&plan, &sights);
    assert_eq!(state(&pile), PileState::Succeeded);
    assert_eq!(
        (pile.login_time, pile.charge_time, pile.deadline),
        (T + 5000, T + 9000, 0)
    );
    assert_eq!(state(&after(&plan, &sights[..8])), PileState::Soaking);
}

#[test]
fn an_answer_alone_is_no_success() {
    let plan = plan();
    let sights = [
        idle(),
        idle(),
        told(Command::Answered),
        idle(),
        told(Command::Answered),
    ];
    let mut pile = after(&plan, &sights);
    assert_eq!(state(&pile), PileState::AwaitingLogin);
    let late = situation(&plan, pile.deadline);
    assert_eq!(state(&step(&pile, &late, &idle()).unwrap()), PileState::TimedOut);
    pile = step(&pile, &late, &logged_in("1.0.7", T + 9000)).unwrap();
    assert_eq!(
        (state(&pile), pile.reason.as_str()),
        (PileState::Failed, "登录的软件版本仍为1.0.7")
    );
}

#[test]
fn nobody_charging_is_told_apart() {
    let plan = plan();
    let sights = [
        idle(),
        idle(),
        told(Command::Answered),
        idle(),
        logged_in("1.0.8", T + 3500),
    ];
    let pile = after(&plan, &sights);
    assert_eq!(state(&pile), PileState::Soaking);
    let ended = step(&pile, &situation(&plan, pile.deadline), &idle()).unwrap();
    assert_eq!(state(&ended), PileState::SucceededUncharged);
}

#[test]
fn a_download_is_tried_again_under_another_mark_later_and_later_and_not_for_ever() {
    let plan = plan();
    let failed = told(Command::Failed("MD5不符".into()));
    let mut pile = after(&plan, &[idle(), idle()]);
    for (attempt, pause) in [(1, 10_000), (2, 20_000)] {
        pile = step(&pile, &situation(&plan, T), &failed).unwrap();
        assert_eq!((state(&pile), pile.mark.as_str()), (PileState::Eligible, ""));
        assert_eq!(pile.reason, format!("第{attempt}次下载：MD5不符"));
        assert_eq!(step(&pile, &situation(&plan, T + pause - 1), &idle()), None);
        pile = step(&pile, &situation(&plan, T + pause), &idle()).unwrap();
        assert_eq!(pile.mark, format!("o9-7-d-{}", attempt + 1));
        pile.state_since = T;
    }
    pile = step(&pile, &situation(&plan, T), &failed).unwrap();
    assert_eq!(
        (state(&pile), pile.reason.as_str()),
        (PileState::Failed, "下载：MD5不符")
    );
}

#[test]
fn a_pile_that_is_gone_behind_a_failed_download_has_not_been_skipped() {
    let plan = plan();
    let pile = after(&plan, &[idle(), idle(), told(Command::TimedOut)]);
    let late = step(&pile, &situation(&plan, pile.deadline), &Seen::default()).unwrap();
    assert_eq!(
        (state(&late), late.reason.as_str()),
        (PileState::TimedOut, "期限内未能下载：离线")
    );
}

#[test]
fn a_pile_is_not_commanded_while_it_charges_nor_outside_its_windows_nor_without_a_place() {
    let plan = plan();
    let eligible = after(&plan, &[idle()]);
    let charging = Seen {
        charging: true,
        ..idle()
    };
    let at = situation(&plan, T);
    assert_eq!(step(&eligible, &at, &charging), None);
    assert_eq!(step(&eligible, &at, &Seen::default()), None, "offline");
    assert_eq!(step(&eligible, &Situation { place: false, ..at }, &idle()), None);
    let shut = Openness {
        download: false,
        update: false,
    };
    assert_eq!(step(&eligible, &Situation { open: shut, ..at }, &idle()), None);
    assert_eq!(step(&eligible, &Situation { begin: false, ..at }, &idle()), None);
    let late = step(&eligible, &situation(&plan, eligible.deadline), &charging).unwrap();
    assert_eq!(
        (state(&late), late.reason.as_str()),
        (PileState::Skipped, "期限内未能下载：正在充电")
    );
    let daring = Plan {
        allow_while_charging: true,
        ..Plan::default()
    };
    assert!(step(&eligible, &situation(&daring, T), &charging).is_some());
}

#[test]
fn turning_back_begins_again_with_what_has_the_new_version_only() {
    let plan = plan();
    let sights = [
        idle(),
        idle(),
        told(Command::Answered),
        idle(),
        logged_in("1.0.8", T + 3500),
    ];
    let back = turn_back(&after(&plan, &sights), &plan, T + 10_000).unwrap();
    assert_eq!(
        (state(&back), back.phase.as_str(), back.attempt),
        (PileState::Eligible, "rollback", 0)
    );
    let at = Situation {
        wanted: "1.0.7",
        ..situation(&plan, T + 11_000)
    };
    let new = Seen {
        version: "1.0.8".into(),
        ..idle()
    };
    let back = step(&back, &at, &new).unwrap();
    assert_eq!(back.mark, "o9-7-rd-1");
    assert_eq!(turn_back(&back, &plan, T + 12_000), None);
    let downloaded = after(&plan, &sights[..3]);
    assert_eq!(
        state(&turn_back(&downloaded, &plan, T).unwrap()),
        PileState::Skipped
    );
    let updating = after(&plan, &sights[..4]);
    assert_eq!(turn_back(&updating, &plan, T), None, "it must end first");
}

/// Whether one state may follow another.
fn legal(from: PileState, to: PileState, phase: &str) -> bool {
    use PileState::*;
    match to {
        _ if from == to => matches!(from, Eligible | Downloading | Downloaded),
        Eligible if phase == "rollback" => !matches!(from, Waiting | Updating | AwaitingLogin | RolledBack),
        Eligible => matches!(from, Waiting | Downloading),
        Downloading => from == Eligible,
        Downloaded => from == Downloading,
        Updating => from == Downloaded,
        AwaitingLogin => from == Updating,
        Soaking => matches!(from, Updating | AwaitingLogin) && phase == "update",
        Succeeded | SucceededUncharged => from == Soaking,
        RolledBack => matches!(from, Eligible | Updating | AwaitingLogin) && phase == "rollback",
        Failed => matches!(from, Downloading | Updating | AwaitingLogin | Soaking),
        TimedOut => matches!(from, Eligible | Downloading | Downloaded | AwaitingLogin),
        Skipped => matches!(from, Waiting | Eligible | Downloading | Downloaded),
        Waiting | Control => false,
    }
}

/// What may happen to a pile between two ticks.
#[derive(Debug, Clone)]
enum Happening {
    Sight(Seen),
    Pause(bool),
    Resume,
    Abort,
    Rollback,
    Shut(bool),
    Minutes(u32),
}

fn happening() -> impl Strategy<Value = Happening> {
    let command = prop_oneof![
        3 => Just(Command::Unknown),
        2 => (0..=100u8).prop_map(Command::Pending),
        4 => Just(Command::Answered),
        1 => Just(Command::Failed("x".into())),
        1 => Just(Command::TimedOut),
    ];
    let version = prop_oneof![Just("1.0.7"), Just("1.0.8"), Just("")];
    let login = proptest::option::of((version.clone(), 0..5000i64));
    let sight = (any::<[bool; 3]>(), command, version, login).prop_map(
        |([online, charging, charged], command, version, login)| Seen {
            online,
            charging,
            command,
            version: version.into(),
            login: login.map(|(version, ago)| Login {
                at: T + ago,
                version: version.into(),
            }),
            charge: charged.then_some(T),
        },
    );
    prop_oneof![
        12 => sight.prop_map(Happening::Sight),
        1 => any::<bool>().prop_map(Happening::Pause),
        1 => Just(Happening::Resume),
        1 => Just(Happening::Abort),
        1 => Just(Happening::Rollback),
        1 => any::<bool>().prop_map(Happening::Shut),
        4 => (1..600u32).prop_map(Happening::Minutes),
    ]
}

proptest! {
    /// Whatever happens, in whatever order: only legal steps, an owner and a deadline in every state that is not
    /// final, no more than one update per attempt, and an end once the campaign goes on or is given up.
    #[test]
    fn every_way_ends(happenings in proptest::collection::vec(happening(), 0..80)) {
        let plan = plan();
        let (mut pile, mut now) = (waiting_pile(&plan), T);
        let (mut begin, mut shut, mut aborted, mut back) = (true, false, false, false);
        let mut marks = std::collections::HashSet::new();
        let mut check = |pile: &OtaCampaignPile, next: OtaCampaignPile| {
            prop_assert!(legal(state(pile), state(&next), &next.phase), "{:?} {:?}", pile, next);
            prop_assert_eq!(next.deadline == 0, state(&next).is_final());
            prop_assert_eq!(next.owner.is_empty(), state(&next).is_final());
            let unexplained = matches!(state(&next), PileState::Failed | PileState::TimedOut | PileState::Skipped);
            prop_assert!(!unexplained || !next.reason.is_empty());
            if next.mark != pile.mark && !next.mark.is_empty() {
                prop_assert!(marks.insert(next.mark.clone()), "asked twice under {}", next.mark);
            }
            Ok(next)
        };
        for happening in happenings {
            now += 1000;
            let mut seen = None;
            match happening {
                Happening::Sight(sight) => seen = Some(sight),
                Happening::Pause(paused) => begin = !paused && !aborted,
                Happening::Resume => {
                    if let Some(next) = resumed(&pile, &plan, now) {
                        pile = check(&pile, next)?;
                    }
                }
                Happening::Abort => (aborted, begin) = (true, false),
                Happening::Rollback => (aborted, begin, back) = (false, true, true),
                Happening::Shut(is_shut) => shut = is_shut,
                Happening::Minutes(minutes) => now += i64::from(minutes) * 60_000,
            }
            let turned = if aborted {
                abandon(&pile, now, "任务已中止")
            } else if back {
                turn_back(&pile, &plan, now)
            } else {
                None
            };
            if let Some(next) = turned {
                pile = check(&pile, next)?;
            }
            let wanted = if pile.phase == "rollback" { "1.0.7" } else { "1.0.8" };
            let open = Openness { download: !shut, update: !shut };
            let at = Situation { begin, open, wanted, ..situation(&plan, now) };
            if let Some(next) = step(&pile, &at, &seen.unwrap_or_default()) {
                pile = check(&pile, next)?;
            }
        }
        // Nothing more is heard of it, and its campaign goes on or is given up.
        let mut ticks = 0;
        while !state(&pile).is_final() {
            if aborted && let Some(next) = abandon(&pile, now, "任务已中止") {
                pile = check(&pile, next)?;
                continue;
            }
            now = now.max(pile.deadline);
            let next = step(&pile, &Situation { begin: !aborted, ..situation(&plan, now) }, &Seen::default());
            prop_assert!(next.is_some(), "stuck: {:?}", pile);
            pile = check(&pile, next.unwrap_or_default())?;
            ticks += 1;
            prop_assert!(ticks < 30);
        }
    }
}
