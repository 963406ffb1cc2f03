//! One pile of a campaign: from waiting to a final state, whatever happens. Every state that is not final has a
//! deadline, and what the deadline means.
//!
//! ```text
//! waiting → eligible → downloading → downloaded → updating → awaiting_login → soaking → succeeded
//!    │         │     ▲─────┤               │           │            │             └───► succeeded_uncharged
//!    └─────────┴───────────┴── skipped ────┘           └── failed, timed_out (any step)
//! rollback: eligible → downloading → downloaded → updating → awaiting_login → rolled_back
//! ```

use store::ota::{Arm, Phase, PileState, Plan};
use store::table::ota_campaign_pile::OtaCampaignPile;

use super::{Openness, same_version};

/// Before a download that has failed is tried again, ms; doubled each time …
const PAUSE: i64 = 10_000;
/// … up to this.
const LONGEST_PAUSE: i64 = 5 * 60_000;

/// What the world says about a pile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Whether it is connected.
    pub online: bool,
    /// Whether one of its guns is charging.
    pub charging: bool,
    /// The software version it runs, as far as known.
    pub version: String,
    /// What became of the command whose mark the pile's row has.
    pub command: Command,
    /// The newest login since 更新程序并重启 was sent.
    pub login: Option<Login>,
    /// The first good charge since it logged in with the wanted version, Unix ms.
    pub charge: Option<i64>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Command {
    /// Nothing is known of it.
    #[default]
    Unknown,
    /// Under way; percent.
    Pending(u8),
    /// The pile said 成功.
    Answered,
    /// The pile, or the platform, said no.
    Failed(String),
    /// No answer before its deadline.
    TimedOut,
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// When the platform received it, Unix ms.
    pub at: i64,
    /// 软件版本.
    pub version: String,
}

/// What the campaign says to all its piles.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Now, Unix ms.
    pub now: i64,
    /// The version that the pile's phase wants.
    pub wanted: &'a str,
    /// Whether piles may be begun: not while paused or halted, nor in a campaign that is over.
    pub begin: bool,
    /// The present stage.
    pub stage: u8,
    /// What the maintenance windows allow.
    pub open: Openness,
    /// Whether there is a place for one more pile at work.
    pub place: bool,
}

/// The pile's next state, if something changes.
pub fn step(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    let next = match PileState::parse(&pile.state)? {
        PileState::Waiting => waiting(pile, at),
        PileState::Eligible => eligible(pile, at, seen),
        PileState::Downloading => downloading(pile, at, seen),
        PileState::Downloaded => downloaded(pile, at, seen),
        PileState::Updating => updating(pile, at, seen),
        PileState::AwaitingLogin => awaiting_login(pile, at, seen),
        PileState::Soaking => soaking(pile, at, seen),
        _ => None,
    }?;
    Some(next)
}

/// Gives up a pile that has not been told to update: its campaign ends. A command in flight must be withdrawn.
pub fn abandon(pile: &OtaCampaignPile, now: i64, reason: &str) -> Option<OtaCampaignPile> {
    use PileState::{Downloaded, Downloading, Eligible, Waiting};
    matches!(
        PileState::parse(&pile.state)?,
        Waiting | Eligible | Downloading | Downloaded
    )
    .then(|| enter(pile, PileState::Skipped, now, 0, reason))
}

/// Turns a pile back when its campaign goes back: what has, or may have, the new version begins again with the
/// previous package; what was not told to update is given up; what is in between ends first.
pub fn turn_back(pile: &OtaCampaignPile, plan: &Plan, now: i64) -> Option<OtaCampaignPile> {
    if pile.phase == Phase::Rollback.as_str() || pile.arm == Arm::Control.as_str() {
        return None;
    }
    let told = pile.update_time > 0;
    match PileState::parse(&pile.state)? {
        PileState::Soaking | PileState::Succeeded | PileState::SucceededUncharged => {}
        PileState::TimedOut if told => {}
        _ => return abandon(pile, now, "任务回退，未曾更新"),
    }
    let mut next = OtaCampaignPile {
        phase: Phase::Rollback.as_str().to_owned(),
        attempt: 0,
        progress: 0,
        download_time: 0,
        downloaded_time: 0,
        update_time: 0,
        login_time: 0,
        charge_time: 0,
        finished_time: 0,
        ..pile.clone()
    };
    next = enter(
        &next,
        PileState::Eligible,
        now,
        plan.deadlines.eligible_s,
        "任务回退",
    );
    Some(next)
}

/// Gives a pile that had to wait for its campaign to go on the whole time again.
pub fn resumed(pile: &OtaCampaignPile, plan: &Plan, now: i64) -> Option<OtaCampaignPile> {
    let state = PileState::parse(&pile.state)?;
    let seconds = match state {
        PileState::Eligible => plan.deadlines.eligible_s,
        PileState::Downloaded => plan.deadlines.downloaded_s,
        _ => return None,
    };
    Some(enter(pile, state, now, seconds, "任务继续"))
}

/// The pile in `state` for at most so many seconds.
fn enter(pile: &OtaCampaignPile, state: PileState, now: i64, seconds: u32, reason: &str) -> OtaCampaignPile {
    let mut next = pile.clone();
    state.as_str().clone_into(&mut next.state);
    next.owner = state
        .owner()
        .map_or(String::new(), |owner| owner.as_str().to_owned());
    next.state_since = now;
    next.deadline = if state.is_final() {
        0
    } else {
        now + i64::from(seconds) * 1000
    };
    next.finished_time = if state.is_final() { now } else { 0 };
    reason.clone_into(&mut next.reason);
    next.mark.clear();
    next
}

fn is_late(pile: &OtaCampaignPile, at: &Situation<'_>) -> bool {
    at.now >= pile.deadline
}

/// `o{campaign}-{pile}-{step}-{attempt}`: the same attempt always has the same mark, so that asking twice is asking
/// once.
fn mark(pile: &OtaCampaignPile, step: &str) -> String {
    let back = if pile.phase == Phase::Rollback.as_str() {
        "r"
    } else {
        ""
    };
    let OtaCampaignPile {
        campaign_id,
        device_id,
        attempt,
        ..
    } = pile;
    format!("o{campaign_id}-{device_id}-{back}{step}-{attempt}")
}

fn waiting(pile: &OtaCampaignPile, at: &Situation<'_>) -> Option<OtaCampaignPile> {
    if at.begin && pile.stage <= at.stage {
        return Some(enter(
            pile,
            PileState::Eligible,
            at.now,
            at.plan.deadlines.eligible_s,
            "",
        ));
    }
    is_late(pile, at).then(|| enter(pile, PileState::Skipped, at.now, 0, "任务到期，未轮到"))
}

/// Why the pile cannot be commanded now; none if it can.
fn obstacle(at: &Situation<'_>, seen: &Seen, open: bool) -> Option<&'static str> {
    if !seen.online {
        Some("离线")
    } else if seen.charging && !at.plan.allow_while_charging {
        Some("正在充电")
    } else if !open {
        Some("不在维护窗口内")
    } else {
        None
    }
}

fn eligible(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    if !at.begin {
        return None;
    }
    if same_version(&seen.version, at.wanted) {
        return Some(if pile.phase == Phase::Rollback.as_str() {
            enter(pile, PileState::RolledBack, at.now, 0, "已是回退版本")
        } else {
            enter(pile, PileState::Skipped, at.now, 0, "已是目标版本")
        });
    }
    if rests(pile, at.now) {
        return None;
    }
    let obstacle = obstacle(at, seen, at.open.download).or((!at.place).then_some("同时升级的桩数已满"));
    match obstacle {
        None => Some(download(pile, at)),
        Some(why) if is_late(pile, at) => Some(given_up(pile, at, "下载", why)),
        Some(_) => None,
    }
}

/// Whether a pile rests behind a download that has failed: what made it fail needs time to pass.
fn rests(pile: &OtaCampaignPile, now: i64) -> bool {
    let doublings = u32::from(pile.attempt).saturating_sub(1).min(16);
    pile.attempt > 0 && now < pile.state_since + (PAUSE << doublings).min(LONGEST_PAUSE)
}

/// A pile that could not be commanded in time: it stays as it is, which is a failure for a rollback, and for a
/// download that has failed before.
fn given_up(pile: &OtaCampaignPile, at: &Situation<'_>, what: &str, why: &str) -> OtaCampaignPile {
    let has_failed = pile.state == PileState::Eligible.as_str() && pile.attempt > 0;
    let state = if has_failed || pile.phase == Phase::Rollback.as_str() {
        PileState::TimedOut
    } else {
        PileState::Skipped
    };
    enter(pile, state, at.now, 0, &format!("期限内未能{what}：{why}"))
}

/// The next attempt; it keeps the reason of the one before.
fn download(pile: &OtaCampaignPile, at: &Situation<'_>) -> OtaCampaignPile {
    let seconds = at.plan.deadlines.download_s;
    let mut next = enter(pile, PileState::Downloading, at.now, seconds, &pile.reason);
    next.attempt = pile.attempt.saturating_add(1);
    next.progress = 0;
    if next.download_time == 0 {
        next.download_time = at.now;
    }
    next.mark = mark(&next, "d");
    next
}

fn downloading(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    let again = |state, why: &str| {
        Some(if at.begin && pile.attempt < at.plan.max_attempts {
            let why = format!("第{}次下载：{why}", pile.attempt);
            enter(
                pile,
                PileState::Eligible,
                at.now,
                at.plan.deadlines.eligible_s,
                &why,
            )
        } else {
            enter(pile, state, at.now, 0, &format!("下载：{why}"))
        })
    };
    match &seen.command {
        Command::Answered => {
            let seconds = at.plan.deadlines.downloaded_s;
            let mut next = enter(pile, PileState::Downloaded, at.now, seconds, "");
            (next.progress, next.downloaded_time) = (100, at.now);
            Some(next)
        }
        Command::Failed(why) => again(PileState::Failed, why),
        Command::TimedOut => again(PileState::TimedOut, "期限内未完成"),
        _ if is_late(pile, at) => again(PileState::TimedOut, "期限内未完成"),
        Command::Pending(progress) if *progress > pile.progress => Some(OtaCampaignPile {
            progress: *progress,
            ..pile.clone()
        }),
        Command::Pending(_) | Command::Unknown => None,
    }
}

fn downloaded(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    if !at.begin {
        return None;
    }
    match obstacle(at, seen, at.open.update) {
        None => {
            let mut next = enter(pile, PileState::Updating, at.now, at.plan.deadlines.update_s, "");
            next.update_time = at.now;
            next.mark = mark(&next, "u");
            Some(next)
        }
        Some(why) if is_late(pile, at) => Some(given_up(pile, at, "更新", why)),
        Some(_) => None,
    }
}

fn updating(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    let wait = |reason| {
        let seconds = at.plan.deadlines.login_s;
        Some(enter(pile, PileState::AwaitingLogin, at.now, seconds, reason))
    };
    if let Some(next) = arrived(pile, at, seen) {
        return Some(next);
    }
    match &seen.command {
        Command::Answered => wait(""),
        Command::Failed(why) => Some(enter(
            pile,
            PileState::Failed,
            at.now,
            0,
            &format!("更新程序并重启：{why}"),
        )),
        Command::TimedOut => wait("更新程序并重启无应答，以登录为准"),
        _ if is_late(pile, at) => wait("更新程序并重启无应答，以登录为准"),
        Command::Pending(_) | Command::Unknown => None,
    }
}

fn awaiting_login(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    if let Some(next) = arrived(pile, at, seen) {
        return Some(next);
    }
    if !is_late(pile, at) {
        return None;
    }
    Some(match &seen.login {
        // A pile may lose its connection just before it restarts: only the deadline makes this a failure.
        Some(login) => {
            let reason = format!("登录的软件版本仍为{}", login.version.trim());
            let mut next = enter(pile, PileState::Failed, at.now, 0, &reason);
            next.seen_version.clone_from(&login.version);
            next
        }
        None => enter(pile, PileState::TimedOut, at.now, 0, "更新后期限内未再登录"),
    })
}

/// The pile logged in with the wanted version.
fn arrived(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    let login = seen.login.as_ref()?;
    if !same_version(&login.version, at.wanted) {
        return None;
    }
    let mut next = if pile.phase == Phase::Rollback.as_str() {
        enter(pile, PileState::RolledBack, at.now, 0, "")
    } else {
        let mut next = enter(pile, PileState::Soaking, at.now, 0, "");
        next.deadline = at.now + at.plan.soak_ms(pile.stage);
        next
    };
    next.login_time = login.at;
    next.seen_version.clone_from(&login.version);
    Some(next)
}

fn soaking(pile: &OtaCampaignPile, at: &Situation<'_>, seen: &Seen) -> Option<OtaCampaignPile> {
    if let Some(login) = &seen.login
        && login.at > pile.login_time
        && !same_version(&login.version, at.wanted)
    {
        let reason = format!("观察期内软件版本变为{}", login.version.trim());
        let mut next = enter(pile, PileState::Failed, at.now, 0, &reason);
        next.seen_version.clone_from(&login.version);
        return Some(next);
    }
    if let Some(charge) = seen.charge {
        let mut next = enter(pile, PileState::Succeeded, at.now, 0, "");
        next.charge_time = charge;
        return Some(next);
    }
    is_late(pile, at).then(|| enter(pile, PileState::SucceededUncharged, at.now, 0, "观察期内无人充电"))
}

#[cfg(test)]
#[path = "pile_tests.rs"]
mod tests;
