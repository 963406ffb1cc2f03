//! Commands on their way: sent when pile, broker and pace allow, sent again where that does no harm, ended when
//! their time is over.

use store::table::command_record::State;

use super::asked::tell_known;
use super::report::{Step, end, refuse, step};
use crate::fleet::commands::{Again, Command, moved_on};
use crate::fleet::session::Presence;
use crate::fleet::turn::Turn;

/// Sends what may be sent now, or puts it in line.
pub(in crate::fleet) fn send_ready(turn: &mut Turn<'_>) {
    if turn.session.commands.is_none() || !may_send(turn) {
        return;
    }
    while turn.core.pace.is_empty() && turn.core.pace.take(turn.now) {
        match turn.session.commands().take_ready(None) {
            Some(command) => send(turn, command),
            None => return turn.core.pace.give_back(),
        }
    }
    while let Some(listed) = turn.session.commands().list() {
        let source = listed.source.clone();
        turn.core.pace.wait(&source, turn.place);
    }
}

/// The pile's turn in a source's line; false if nothing was sent.
pub(in crate::fleet) fn send_from(turn: &mut Turn<'_>, source: &str) -> bool {
    let may = may_send(turn);
    let Some(commands) = &mut turn.session.commands else {
        return false;
    };
    let ready = if may {
        commands.take_ready(Some(source))
    } else {
        None
    };
    match ready {
        Some(command) => send(turn, command),
        None => {
            commands.unlist(source);
            return false;
        }
    }
    true
}

/// Whether a command would reach the pile: while the broker is away it would only grow old in a queue.
fn may_send(turn: &Turn<'_>) -> bool {
    turn.session.presence == Presence::Online && turn.core.is_up(turn.session.link)
}

fn send(turn: &mut Turn<'_>, mut command: Command) {
    command.sent(turn.core.rules.retry, turn.now);
    let moved = moved_on(&command.body, turn.now - command.created);
    let body = moved.unwrap_or_else(|| command.body.clone().into());
    // The step is durable before the command leaves: after a crash nothing is sent that was not on record.
    turn.reply(&command.kind.clone(), body.into_bytes());
    let reason = match command.attempts {
        0 | 1 => String::new(),
        n => format!("第 {n} 次下发"),
    };
    let sent = Step {
        reason: &reason,
        ..Step::of(State::Sent)
    };
    step(turn, &mut command, &sent);
    turn.session.commands().fly(command);
}

/// The pile is back: what it may have missed goes out once more, and what waited for it.
pub(in crate::fleet) fn back(turn: &mut Turn<'_>, again: Again) {
    let Some(commands) = &mut turn.session.commands else {
        return;
    };
    commands.back(again, turn.now);
    send_again(turn);
    send_ready(turn);
}

fn send_again(turn: &mut Turn<'_>) {
    if !may_send(turn) {
        return;
    }
    while let Some(command) = turn.session.commands().take_due(turn.now) {
        if !turn.core.pace.take(turn.now) {
            return turn.session.commands().fly(command);
        }
        turn.core.tally.count("ops_tcu_commands_total", "sent_again");
        send(turn, command);
    }
}

/// Once a second: ends what is past its deadline, sends what is due.
pub(in crate::fleet) fn expire(turn: &mut Turn<'_>) {
    let Some(commands) = &mut turn.session.commands else {
        return;
    };
    let online = turn.session.presence == Presence::Online;
    for command in commands.take_expired(turn.now) {
        let reason = command.why_expired(online);
        let step = Step {
            reason,
            ..Step::of(State::TimedOut)
        };
        end(turn, command, &step);
    }
    send_again(turn);
    send_ready(turn);
    if turn.session.commands.as_ref().is_some_and(|c| c.is_idle()) {
        turn.session.commands = None;
    }
}

/// Takes a command back. One that has ended is told again.
pub(super) fn withdraw(turn: &mut Turn<'_>, link: u8, caller: &str) {
    let open = turn
        .session
        .commands
        .as_mut()
        .and_then(|commands| commands.take_marked(caller));
    match open {
        Some(command) => {
            let reason = if command.sent == 0 {
                "已撤销"
            } else {
                "已撤销；命令已下发，桩可能仍会执行"
            };
            let step = Step {
                reason,
                ..Step::of(State::Cancelled)
            };
            end(turn, command, &step);
            send_ready(turn);
        }
        None if tell_known(turn, caller) => {}
        None => refuse(
            turn,
            Some(link),
            (caller, "撤销"),
            "没有此请求标识的命令，或已结束超过 24 小时",
        ),
    }
}

/// Ends all commands: the pile they were meant for is not here any more.
pub(in crate::fleet) fn cancel(turn: &mut Turn<'_>, reason: &str) {
    let Some(mut commands) = turn.session.commands.take() else {
        return;
    };
    for command in commands.take_expired(i64::MAX) {
        let step = Step {
            reason,
            ..Step::of(State::Cancelled)
        };
        end(turn, command, &step);
    }
}
