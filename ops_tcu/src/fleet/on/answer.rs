//! X应答, 下载进度, 日志上传完成: what a pile says about a command. Staff also send commands by hand, so an
//! answer that belongs to none of ours is put on record as somebody else's and disturbs nothing.

use compact_str::CompactString;
use protocol::uplink::{Answer, DownloadProgress, LogUploaded};
use store::table::command_record::{CommandRecord, State};

use super::command::{self, SUMMON_LOG, Step};
use super::{key_component, text};
use crate::fleet::turn::Turn;

pub(in crate::fleet) fn answer(turn: &mut Turn<'_>, answer: &Answer<'_>, payload: &str) {
    let kind = answer.answered_command();
    let reqid = answer.common.reqid;
    let failed = answer.succeeded() == Some(false);
    let step = Step {
        result: text(&answer.result),
        reason: text(&answer.reason),
        answer: payload,
        ..Step::of(if failed { State::Failed } else { State::Answered })
    };
    if kind == SUMMON_LOG && !failed {
        // The pile has begun; 日志上传完成 is the end.
        let state = State::Sent;
        on_its_way(turn, kind, reqid, &Step { state, ..step }, None);
    } else {
        close(turn, kind, reqid, &step, None);
    }
}

/// 关键器件动作应答 is an answer too, if staff asked; the timed poll is not tracked as a command.
pub(super) fn close_component_poll(turn: &mut Turn<'_>, reqid: u32, payload: &str) {
    let Some(commands) = &mut turn.session.commands else {
        return;
    };
    let kind = key_component::COMMAND;
    let found = if reqid == 0 {
        commands.take_without_number(kind)
    } else {
        commands.take_in_flight(kind, reqid)
    };
    if let Some(found) = found {
        let step = Step {
            answer: payload,
            ..Step::of(State::Answered)
        };
        command::end(turn, found, &step);
        command::send_ready(turn);
    }
}

pub(in crate::fleet) fn download_progress(
    turn: &mut Turn<'_>,
    progress: &DownloadProgress<'_>,
    payload: &str,
) {
    let step = Step {
        result: text(&progress.state),
        reason: text(&progress.reason),
        answer: payload,
        ..Step::of(State::Sent)
    };
    let percent = progress.percent.unwrap_or(0);
    on_its_way(turn, "下载", progress.common.reqid, &step, Some(percent));
}

pub(in crate::fleet) fn log_uploaded(turn: &mut Turn<'_>, uploaded: &LogUploaded<'_>, payload: &str) {
    let failed = uploaded.result.as_deref() == Some("失败");
    let step = Step {
        result: text(&uploaded.result),
        reason: text(&uploaded.reason),
        answer: payload,
        ..Step::of(if failed { State::Failed } else { State::Answered })
    };
    let progress = (!failed).then_some(100);
    close(turn, SUMMON_LOG, uploaded.common.reqid, &step, progress);
}

/// The pile's last word on a command.
fn close(turn: &mut Turn<'_>, kind: &str, reqid: u32, step: &Step<'_>, progress: Option<u8>) {
    let commands = turn.session.commands.as_mut();
    match commands.and_then(|c| c.take_in_flight(kind, reqid)) {
        Some(mut found) => {
            found.progress = progress.unwrap_or(found.progress);
            command::end(turn, found, step);
            command::send_ready(turn);
        }
        None if command::late(turn, kind, reqid, step, None) => {}
        None => foreign(turn, kind, reqid, step, progress.unwrap_or(0)),
    }
}

/// A word of the pile while it is at it.
fn on_its_way(turn: &mut Turn<'_>, kind: &str, reqid: u32, step: &Step<'_>, progress: Option<u8>) {
    let commands = turn.session.commands.as_mut();
    match commands.and_then(|c| c.take_in_flight(kind, reqid)) {
        Some(mut found) => {
            found.accepted(turn.now);
            found.progress = progress.unwrap_or(found.progress);
            let mut step = *step;
            if step.reason.is_empty() && progress.is_none() {
                step.reason = "桩已受理";
            }
            command::step(turn, &mut found, &step);
            turn.session.commands().fly(found);
        }
        None if command::late(turn, kind, reqid, step, progress) => {}
        None if kind == SUMMON_LOG => {
            // Nobody here waits for the end of it.
            let state = State::Answered;
            foreign(turn, kind, reqid, &Step { state, ..*step }, 0);
        }
        None => foreign(turn, kind, reqid, step, progress.unwrap_or(0)),
    }
}

fn foreign(turn: &mut Turn<'_>, kind: &str, reqid: u32, step: &Step<'_>, progress: u8) {
    turn.core.tally.count("ops_tcu_commands_total", "foreign");
    let kind = CompactString::from(kind);
    turn.core.out.row(&CommandRecord {
        timestamp: turn.now,
        device_id: turn.session.device_id,
        created_time: turn.now,
        reqid,
        command: &kind,
        state: step.state,
        source: "外部",
        sent_time: 0,
        answered_time: turn.now,
        deadline: 0,
        result: step.result,
        reason: step.reason,
        progress,
        request: "",
        answer: step.answer,
        ..CommandRecord::default()
    });
}
