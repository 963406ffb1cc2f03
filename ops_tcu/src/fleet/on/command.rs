//! Commands that services ask for on `PXY`: taken, sent when their turn comes, followed to their end.
//!
//! The caller publishes the command as the pile is to get it, with two keys of its own beside it:
//! `请求标识` (its mark, which every outcome repeats) and `超时_秒` (its deadline). Outcomes go to
//! `PXY/{uuid}/resp`.

use compact_str::CompactString;
use protocol::downlink::Downlink;
use protocol::{EnvelopeError, Uuid};
use serde_json::{Value, json};
use store::table::command_record::{CommandRecord, State};

use crate::fleet::commands::Command;
use crate::fleet::session::Presence;
use crate::fleet::turn::{Core, Turn};

const CALLER: &str = "请求标识";
const TIMEOUT: &str = "超时_秒";
/// A deadline further off than this is a slip: 30 days.
const LONGEST_TIMEOUT_S: u64 = 30 * 86_400;
const LONGEST_CALLER: usize = 128;

/// Takes a proxied command.
pub(in crate::fleet) fn proxied(turn: &mut Turn<'_>, link: u8, payload: &[u8]) {
    let mut object = match serde_json::from_slice::<Value>(payload) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return refuse(turn, link, "", "", "a command must be a JSON object"),
        Err(error) => return refuse(turn, link, "", "", &format!("a command must be JSON: {error}")),
    };
    let caller = match object.remove(CALLER) {
        None => String::new(),
        Some(Value::String(text)) if text.len() <= LONGEST_CALLER => text,
        Some(_) => return refuse(turn, link, "", "", "请求标识 must be a text of at most 128 bytes"),
    };
    let timeout = match object.remove(TIMEOUT) {
        None => turn.core.rules.command_timeout,
        Some(value) => match value.as_u64() {
            Some(seconds @ 1..=LONGEST_TIMEOUT_S) => (seconds * 1000) as i64,
            _ => {
                return refuse(
                    turn,
                    link,
                    &caller,
                    "",
                    "超时_秒 must be a whole number from 1 to 2592000",
                );
            }
        },
    };
    let command = match Downlink::parse(Value::Object(object).to_string().as_bytes()) {
        Ok((_, command)) => command,
        Err(EnvelopeError::Json(error)) => return refuse(turn, link, &caller, "", &error.to_string()),
        Err(error) => return refuse(turn, link, &caller, "", &error.to_string()),
    };
    ask(turn, link, &command, &caller, timeout);
}

fn ask(turn: &mut Turn<'_>, link: u8, command: &Downlink, caller: &str, timeout: i64) {
    let reqid = turn.session.next_reqid(turn.now);
    let body = String::from_utf8(command.to_json(reqid)).unwrap_or_default();
    let asked = Command {
        kind: command.command().into(),
        reqid,
        caller: caller.into(),
        link,
        body: body.into(),
        created: turn.now,
        sent: 0,
        deadline: turn.now + timeout,
    };
    let record = asked.clone();
    if let Err(refused) = turn.session.commands().ask(asked) {
        return refuse(turn, link, caller, command.command(), &refused.to_string());
    }
    if !turn.core.commanding.contains(&turn.place) {
        turn.core.commanding.push(turn.place);
    }
    report(turn, &record, &Step::of(State::Queued));
    send_ready(turn);
}

/// Sends what may be sent now.
pub(in crate::fleet) fn send_ready(turn: &mut Turn<'_>) {
    if turn.session.presence != Presence::Online {
        return;
    }
    while let Some(command) = turn.session.commands.as_mut().and_then(|c| c.ready(turn.now)) {
        let command = command.clone();
        turn.reply(&command.kind, command.body.as_bytes().to_vec());
        report(turn, &command, &Step::of(State::Sent));
    }
}

/// Ends what is past its deadline.
pub(in crate::fleet) fn expire(turn: &mut Turn<'_>) {
    let Some(commands) = &mut turn.session.commands else {
        return;
    };
    for command in commands.expired(turn.now) {
        let reason = if command.sent == 0 {
            "期限内桩未上线"
        } else {
            "期限内桩未应答"
        };
        report(
            turn,
            &command,
            &Step {
                reason,
                ..Step::of(State::TimedOut)
            },
        );
    }
    send_ready(turn);
    if turn.session.commands.as_ref().is_some_and(|c| c.is_idle()) {
        turn.session.commands = None;
    }
}

/// A step of a command, as far as it differs from the command itself.
pub(super) struct Step<'a> {
    pub(super) state: State,
    pub(super) result: &'a str,
    pub(super) reason: &'a str,
    pub(super) progress: u8,
    pub(super) answer: &'a str,
}

impl Step<'_> {
    pub(super) fn of(state: State) -> Self {
        Self {
            state,
            result: "",
            reason: "",
            progress: 0,
            answer: "",
        }
    }
}

/// Puts a step on record and tells whoever asked.
pub(super) fn report(turn: &mut Turn<'_>, command: &Command, step: &Step<'_>) {
    let ends = matches!(step.state, State::Answered | State::Failed);
    turn.core.tally.count("ops_tcu_commands_total", name(step.state));
    turn.core.out.row(&CommandRecord {
        // Versions of one command must rise, also when two steps fall into one millisecond.
        timestamp: turn.now + order(step.state),
        device_id: turn.session.device_id,
        created_time: command.created,
        reqid: command.reqid,
        command: &command.kind,
        state: step.state,
        source: if command.caller.is_empty() {
            "平台"
        } else {
            &command.caller
        },
        sent_time: command.sent,
        answered_time: if ends { turn.now } else { 0 },
        deadline: command.deadline,
        result: step.result,
        reason: step.reason,
        progress: step.progress,
        request: &without_secrets(&command.body),
        answer: step.answer,
        caller: &command.caller,
        attempts: u8::from(command.sent != 0),
        node: 0,
    });
    if !command.caller.is_empty() {
        let answer: Value = serde_json::from_str(step.answer).unwrap_or(Value::Null);
        let outcome = json!({
            CALLER: command.caller.as_str(), "命令": command.kind.as_str(), "reqid": command.reqid, "状态": name(step.state),
            "结果": step.result, "失败原因": step.reason, "进度": step.progress, "应答": answer,
        });
        tell(turn, command.link, &outcome);
    }
}

fn refuse(turn: &mut Turn<'_>, link: u8, caller: &str, command: &str, reason: &str) {
    refuse_for(turn.core, turn.session.uuid, link, (caller, command), reason);
}

/// Answers a command for a uuid that no asset has.
pub(in crate::fleet) fn to_nobody(core: &mut Core, uuid: Uuid, link: u8, payload: &[u8]) {
    let asked = serde_json::from_slice::<Value>(payload).unwrap_or_default();
    let text = |key| {
        asked[key]
            .as_str()
            .filter(|text| text.len() <= LONGEST_CALLER)
            .unwrap_or_default()
    };
    refuse_for(core, uuid, link, (text(CALLER), text("命令")), "无此桩");
}

fn refuse_for(core: &mut Core, uuid: Uuid, link: u8, (caller, command): (&str, &str), reason: &str) {
    core.tally.count("ops_tcu_commands_total", "refused");
    let outcome =
        json!({ CALLER: caller, "命令": command, "状态": "refused", "结果": "失败", "失败原因": reason });
    let topic = core.topics.proxy_resp(uuid);
    core.out.outcome(link, topic, outcome.to_string().into_bytes());
}

/// Ends all commands: the pile they were meant for is not here any more.
pub(in crate::fleet) fn cancel(turn: &mut Turn<'_>, reason: &str) {
    let Some(mut commands) = turn.session.commands.take() else {
        return;
    };
    for command in commands.expired(i64::MAX) {
        let step = Step {
            reason,
            ..Step::of(State::Cancelled)
        };
        report(turn, &command, &step);
    }
}

fn tell(turn: &mut Turn<'_>, link: u8, outcome: &Value) {
    let topic = turn.core.topics.proxy_resp(turn.session.uuid);
    turn.core
        .out
        .outcome(link, topic, outcome.to_string().into_bytes());
}

fn name(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Sent => "sent",
        State::Answered => "answered",
        State::Failed => "failed",
        State::TimedOut => "timed_out",
        State::Cancelled => "cancelled",
    }
}

fn order(state: State) -> i64 {
    match state {
        State::Queued => 0,
        State::Sent => 1,
        _ => 2,
    }
}

/// The request for the record: no password may be read there.
fn without_secrets(body: &str) -> CompactString {
    let Ok(Value::Object(mut object)) = serde_json::from_str(body) else {
        return CompactString::default();
    };
    for (key, value) in &mut object {
        if key == "密码" {
            *value = Value::from("***");
        }
    }
    CompactString::from(Value::Object(object).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_struck_out() {
        let kept = without_secrets(r#"{"命令":"下载","用户名":"u","密码":"geheim"}"#);
        assert!(!kept.contains("geheim"));
        assert!(kept.contains("用户名"));
    }
}
