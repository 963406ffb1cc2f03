//! A command's steps: on record, and told to whoever asked.

use protocol::{Password, Uuid};
use serde_json::{Value, json};
use store::table::command_record::{CommandRecord, State};
use store::table::command_step::CommandStep;

use super::SUMMON_LOG;
use crate::fleet::commands::{Command, Ended, fingerprint, without_password};
use crate::fleet::turn::{Core, Turn};
use crate::message::KeptPassword;

/// The caller's mark.
pub(super) const CALLER: &str = "请求标识";
/// A password is kept a little longer than its command, ms.
const KEEP_PASSWORD: i64 = 60_000;

/// A step of a command, as far as it differs from the command itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::fleet::on) struct Step<'a> {
    pub(in crate::fleet::on) state: State,
    pub(in crate::fleet::on) result: &'a str,
    pub(in crate::fleet::on) reason: &'a str,
    pub(in crate::fleet::on) answer: &'a str,
}

impl<'a> Step<'a> {
    pub(in crate::fleet::on) fn of(state: State) -> Self {
        Self {
            state,
            result: "",
            reason: "",
            answer: "",
        }
    }

    /// The last step of a command that has ended.
    pub(super) fn again(ended: &'a Ended) -> Self {
        Self {
            state: ended.state,
            result: &ended.result,
            reason: &ended.reason,
            answer: &ended.answer,
        }
    }
}

/// Puts a step on record and tells whoever asked.
pub(in crate::fleet::on) fn step(turn: &mut Turn<'_>, command: &mut Command, step: &Step<'_>) {
    let (device_id, now) = (turn.session.device_id, turn.now);
    put(turn.core, device_id, now, command, step);
    tell(turn, command, step);
}

/// The last step of a command, which is remembered for a while.
pub(in crate::fleet::on) fn end(turn: &mut Turn<'_>, mut command: Command, last: &Step<'_>) {
    step(turn, &mut command, last);
    forget_password(turn, &command);
    let ended = Ended {
        state: last.state,
        result: last.result.into(),
        reason: last.reason.into(),
        answer: last.answer.into(),
        late: false,
        print: fingerprint(&command.body),
        at: turn.now,
        command,
    };
    turn.core.ended.add(turn.session.device_id, ended, turn.now);
}

/// A word of the pile on a command that has ended already; false if there is none. What is on record stays, but for
/// the first answer to a command that had none: people want to know that it came.
pub(in crate::fleet::on) fn late(
    turn: &mut Turn<'_>,
    kind: &str,
    reqid: u32,
    said: &Step<'_>,
    progress: Option<u8>,
) -> bool {
    let (device_id, now) = (turn.session.device_id, turn.now);
    let same = |e: &Ended| e.command.reqid == reqid && e.command.kind == kind;
    let Some(found) = turn.core.ended.find(device_id, same) else {
        return false;
    };
    let mut ended = found.clone();
    let had_none = matches!(ended.state, State::TimedOut | State::Cancelled);
    let first = progress.is_none() && had_none && !ended.late;
    let what = match (progress, first) {
        (Some(_), _) => "结束之后的进度",
        (None, true) => "迟到的应答",
        (None, false) => "结束之后的应答",
    };
    let note = format!("{what}: {} {}", said.result, said.reason);
    let note = note.trim_end();
    ended.command.progress = progress.unwrap_or(ended.command.progress);
    if first {
        turn.core.tally.count("ops_tcu_commands_total", "late");
        ended.late = true;
        (ended.result, ended.answer) = (said.result.into(), said.answer.into());
        ended.reason = format!("{}；{note}", ended.reason).into();
        let mut command = ended.command.clone();
        record(turn.core, device_id, now, &mut command, &Step::again(&ended));
        tell(turn, &command, &Step::again(&ended));
        ended.command.version = command.version;
    } else {
        let noted = Step {
            state: ended.state,
            result: said.result,
            reason: note,
            answer: "",
        };
        timeline(turn.core, device_id, now, &mut ended.command, &noted);
    }
    if let Some(kept) = turn.core.ended.find(device_id, same) {
        *kept = ended;
    }
    true
}

/// One more line of the timeline; the command's version rises with it.
fn timeline(core: &mut Core, device_id: u64, now: i64, command: &mut Command, step: &Step<'_>) {
    // Versions of one command must rise, also when two steps fall into one millisecond.
    command.version = now.max(command.version + 1);
    core.out.row(&CommandStep {
        timestamp: command.version,
        device_id,
        created_time: command.created,
        reqid: command.reqid,
        command: &command.kind,
        caller: &command.caller,
        state: step.state,
        attempt: command.attempts,
        progress: command.progress,
        result: step.result,
        reason: step.reason,
    });
}

/// Puts a step on record.
pub(super) fn put(core: &mut Core, device_id: u64, now: i64, command: &mut Command, step: &Step<'_>) {
    core.tally.count("ops_tcu_commands_total", step.state.as_str());
    record(core, device_id, now, command, step);
}

fn record(core: &mut Core, device_id: u64, now: i64, command: &mut Command, step: &Step<'_>) {
    timeline(core, device_id, now, command, step);
    let answered_time = match step.state {
        State::Answered => now,
        // Of these only an answer, be it late, has a time.
        State::Failed | State::TimedOut | State::Cancelled if !step.answer.is_empty() => now,
        _ if command.kind == SUMMON_LOG => command.accepted,
        _ => 0,
    };
    core.out.row(&CommandRecord {
        timestamp: command.version,
        device_id,
        created_time: command.created,
        reqid: command.reqid,
        command: &command.kind,
        state: step.state,
        source: &command.source,
        sent_time: command.sent,
        answered_time,
        deadline: command.deadline,
        result: step.result,
        reason: step.reason,
        progress: command.progress,
        request: &without_password(&command.body).0,
        answer: step.answer,
        caller: &command.caller,
        attempts: command.attempts,
        node: core.rules.node,
    });
}

/// Tells whoever asked where a command stands.
pub(super) fn tell(turn: &mut Turn<'_>, command: &Command, step: &Step<'_>) {
    if command.caller.is_empty() {
        return;
    }
    let answer: Value = serde_json::from_str(step.answer).unwrap_or(Value::Null);
    let outcome = json!({
        CALLER: command.caller.as_str(), "命令": command.kind.as_str(), "reqid": command.reqid,
        "状态": step.state.as_str(), "结果": step.result, "失败原因": step.reason, "进度": command.progress,
        "应答": answer, "时间": command.version,
    });
    publish(turn.core, turn.session.uuid, command.link, &outcome);
}

/// Tells that a command is not taken.
pub(super) fn refuse(turn: &mut Turn<'_>, link: Option<u8>, whose: (&str, &str), reason: &str) {
    refuse_for(turn.core, turn.session.uuid, link, whose, reason, turn.now);
}

pub(super) fn refuse_for(
    core: &mut Core,
    uuid: Uuid,
    link: Option<u8>,
    (caller, command): (&str, &str),
    reason: &str,
    now: i64,
) {
    core.tally.count("ops_tcu_commands_total", "refused");
    let outcome = json!({
        CALLER: caller, "命令": command, "状态": "refused", "结果": "失败", "失败原因": reason, "时间": now,
    });
    publish(core, uuid, link, &outcome);
}

/// To the broker where the caller listens, or to all of them if nobody knows which that is.
fn publish(core: &mut Core, uuid: Uuid, link: Option<u8>, outcome: &Value) {
    let links = match link {
        Some(link) => link..=link,
        None => 0..=core.last_link(),
    };
    for link in links {
        let topic = core.topics.proxy_resp(uuid);
        core.out.outcome(link, topic, outcome.to_string().into_bytes());
    }
}

/// Has a command's password kept where a restart finds it.
pub(super) fn keep_password(turn: &mut Turn<'_>, command: &Command) {
    if let (_, Some(password)) = without_password(&command.body) {
        password_entry(turn, command, Some(Password::new(password)));
    }
}

fn forget_password(turn: &mut Turn<'_>, command: &Command) {
    if without_password(&command.body).1.is_some() {
        password_entry(turn, command, None);
    }
}

fn password_entry(turn: &mut Turn<'_>, command: &Command, password: Option<Password>) {
    let key = turn
        .core
        .keys
        .command_password(turn.session.device_id, command.created, command.reqid);
    turn.core.out.passwords.push(KeptPassword {
        key,
        password,
        until: command.deadline + KEEP_PASSWORD,
    });
}
