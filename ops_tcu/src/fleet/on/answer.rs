//! X应答, 下载进度, 日志上传完成: what a pile says about a command. Staff also send commands by hand, so an
//! answer that belongs to none of ours is put on record as somebody else's and disturbs nothing.

use compact_str::CompactString;
use protocol::uplink::{Answer, DownloadProgress, LogUploaded};
use store::table::command_record::{CommandRecord, State};

use super::command::{Step, report, send_ready};
use super::{key_component, text};
use crate::fleet::commands::Command;
use crate::fleet::turn::Turn;

pub(in crate::fleet) fn answer(turn: &mut Turn<'_>, answer: &Answer<'_>, payload: &str) {
    let kind = answer.answered_command();
    let reqid = answer.common.reqid;
    let state = if answer.succeeded() == Some(false) {
        State::Failed
    } else {
        State::Answered
    };
    let step = Step {
        result: text(&answer.result),
        reason: text(&answer.reason),
        answer: payload,
        ..Step::of(state)
    };
    close(turn, kind, reqid, &step);
}

/// 关键器件动作应答 is an answer too, if staff asked; the timed poll is not tracked as a command.
pub(super) fn close_component_poll(turn: &mut Turn<'_>, reqid: u32, payload: &str) {
    let Some(commands) = &mut turn.session.commands else {
        return;
    };
    let kind = key_component::COMMAND;
    let command = if reqid == 0 {
        commands.answered_without_number(kind)
    } else {
        commands.answered(kind, reqid)
    };
    if let Some(command) = command {
        report(
            turn,
            &command,
            &Step {
                answer: payload,
                ..Step::of(State::Answered)
            },
        );
        send_ready(turn);
    }
}

pub(in crate::fleet) fn download_progress(
    turn: &mut Turn<'_>,
    progress: &DownloadProgress<'_>,
    payload: &str,
) {
    let step = Step {
        progress: progress.percent.unwrap_or(0),
        result: text(&progress.state),
        reason: text(&progress.reason),
        answer: payload,
        ..Step::of(State::Sent)
    };
    on_its_way(turn, "下载", progress.common.reqid, &step);
}

pub(in crate::fleet) fn log_uploaded(turn: &mut Turn<'_>, uploaded: &LogUploaded<'_>, payload: &str) {
    let failed = uploaded.result.as_deref() == Some("失败");
    let step = Step {
        progress: if failed { 0 } else { 100 },
        result: text(&uploaded.result),
        reason: text(&uploaded.reason),
        answer: payload,
        ..Step::of(if failed { State::Failed } else { State::Answered })
    };
    // 日志召唤应答 may have closed the command already: this is then the later and fuller word.
    close(turn, "日志召唤", uploaded.common.reqid, &step);
}

fn close(turn: &mut Turn<'_>, kind: &str, reqid: u32, step: &Step<'_>) {
    match turn
        .session
        .commands
        .as_mut()
        .and_then(|c| c.answered(kind, reqid))
    {
        Some(command) => {
            report(turn, &command, step);
            send_ready(turn);
        }
        None => foreign(turn, kind, reqid, step),
    }
}

fn on_its_way(turn: &mut Turn<'_>, kind: &str, reqid: u32, step: &Step<'_>) {
    let command: Option<Command> = turn
        .session
        .commands
        .as_ref()
        .and_then(|c| c.in_flight(kind, reqid))
        .cloned();
    match command {
        Some(command) => report(turn, &command, step),
        None => foreign(turn, kind, reqid, step),
    }
}

fn foreign(turn: &mut Turn<'_>, kind: &str, reqid: u32, step: &Step<'_>) {
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
        progress: step.progress,
        request: "",
        answer: step.answer,
        ..CommandRecord::default()
    });
}
