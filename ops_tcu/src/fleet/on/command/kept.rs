//! Commands of an earlier process, as the database and the log have them.

use compact_str::CompactString;
use protocol::Uuid;
use protocol::downlink::Repeat;
use store::table::command_record::{Kept, State};

use super::report::{Step, end, put};
use crate::fleet::commands::{Command, Ended, fingerprint, with_password};
use crate::fleet::turn::{Core, Turn};

/// Takes a command over. What never left and cannot be sent any more ends; what left stays in flight until it is
/// answered or its deadline passes, and goes out again only if that does no harm.
pub(in crate::fleet) fn restore(turn: &mut Turn<'_>, kept: &Kept, password: Option<&str>) {
    let Some(state) = State::from_number(kept.state) else {
        return;
    };
    let (mut command, readable) = command(kept, password);
    if state.is_final() {
        command.body = kept.request.as_str().into();
        let ended = Ended {
            state,
            result: kept.result.as_str().into(),
            reason: kept.reason.as_str().into(),
            answer: kept.answer.as_str().into(),
            late: !kept.answer.is_empty(),
            print: fingerprint(&kept.request),
            at: kept.timestamp,
            command,
        };
        return turn.core.ended.add(turn.session.device_id, ended, turn.now);
    }
    turn.session.number_is_taken(command.reqid, turn.now);
    let lost = match (readable, state, command.lacks_password) {
        (false, ..) => "平台重启后无法读回此命令，请重新下发",
        (true, State::Queued, true) => "平台重启后取不回命令中的密码 (Redis)，请重新下发",
        _ => "",
    };
    if !lost.is_empty() {
        let step = Step {
            reason: lost,
            ..Step::of(State::Failed)
        };
        return end(turn, command, &step);
    }
    if state == State::Queued {
        turn.session.commands().wait(command);
    } else {
        command.schedule(turn.core.rules.retry, turn.now);
        turn.session.commands().fly(command);
    }
    turn.commanding();
}

/// Ends an open command whose pile has no asset any more.
pub(in crate::fleet) fn orphan(core: &mut Core, kept: &Kept, now: i64) {
    let (mut command, _) = command(kept, None);
    let step = Step {
        reason: "桩的资产已删除",
        ..Step::of(State::Cancelled)
    };
    put(core, kept.device_id, now, &mut command, &step);
}

/// The command of a row, and whether it could be read.
fn command(kept: &Kept, password: Option<&str>) -> (Command, bool) {
    let read = with_password(&kept.request, password);
    let readable = read.is_some();
    let (repeat, body, lacks_password) = match read {
        Some((downlink, body, missing)) => (downlink.repeat(), body, missing),
        None => (Repeat::Never, kept.request.clone(), false),
    };
    let command = Command {
        kind: kept.command.as_str().into(),
        repeat,
        reqid: kept.reqid,
        caller: CompactString::from(&kept.caller),
        source: CompactString::from(&kept.source),
        link: None,
        body: body.into(),
        created: kept.created_time,
        sent: kept.sent_time,
        last: if kept.sent_time == 0 { 0 } else { kept.timestamp },
        deadline: kept.deadline,
        version: kept.timestamp,
        attempts: kept.attempts,
        retry_at: 0,
        progress: kept.progress,
        accepted: if kept.progress > 0 {
            kept.timestamp
        } else {
            kept.answered_time
        },
        listed: false,
        returned: false,
        lacks_password,
    };
    (command, readable)
}

/// The uuid that a command's pile has now, and what is known of the command.
#[derive(Debug, Clone)]
pub struct KeptCommand {
    /// None if no asset has its device id any more.
    pub uuid: Option<Uuid>,
    /// Its newest version.
    pub kept: Kept,
    /// The password that belongs into it.
    pub password: Option<protocol::Password>,
}
