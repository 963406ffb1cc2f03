//! The commands of one pile: which wait, which are in flight, and what became of them.
//!
//! `protocol.md` rules: one in flight of each kind and eight in all; to an offline pile a command
//! waits until the pile is back or its deadline passes.

use std::collections::VecDeque;

use compact_str::CompactString;

/// In flight per pile at most.
const IN_FLIGHT: usize = 8;
/// Waiting per pile at most; more is refused at once, so that a broken caller cannot fill memory.
const WAITING: usize = 32;

/// A command on its way to one pile.
#[derive(Debug, Clone)]
pub(super) struct Command {
    /// The wire name, 命令.
    pub kind: CompactString,
    /// The platform's number for it.
    pub reqid: u32,
    /// The caller's own mark, given back with the outcome; empty if nobody wants it.
    pub caller: CompactString,
    /// The broker through which the caller asked, and listens for the outcome.
    pub link: u8,
    /// The JSON object that goes to the pile.
    pub body: Box<str>,
    /// When it was asked for, ms.
    pub created: i64,
    /// When it was sent, ms; 0 while it waits.
    pub sent: i64,
    /// After this time it has timed out, ms.
    pub deadline: i64,
}

/// Why a command was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Too many wait already.
    #[error("too many commands wait for this pile")]
    Full,
}

/// All commands of one pile.
#[derive(Debug, Default)]
pub(super) struct Commands {
    waiting: VecDeque<Command>,
    in_flight: Vec<Command>,
}

impl Commands {
    /// Takes a command; [`Self::ready`] tells when it is to be sent.
    ///
    /// # Errors
    /// [`Refused::Full`].
    pub(super) fn ask(&mut self, command: Command) -> Result<(), Refused> {
        if self.waiting.len() >= WAITING {
            return Err(Refused::Full);
        }
        self.waiting.push_back(command);
        Ok(())
    }

    /// The next command that may be sent to a pile that is online, marked as sent.
    pub(super) fn ready(&mut self, now: i64) -> Option<&Command> {
        if self.in_flight.len() >= IN_FLIGHT {
            return None;
        }
        let free = |c: &Command| !self.in_flight.iter().any(|f| f.kind == c.kind);
        let at = self.waiting.iter().position(free)?;
        let mut command = self.waiting.remove(at)?;
        command.sent = now;
        self.in_flight.push(command);
        self.in_flight.last()
    }

    /// The command that an answer closes. Only kind and number together identify it: staff may have
    /// sent a command of the same kind by hand.
    pub(super) fn answered(&mut self, kind: &str, reqid: u32) -> Option<Command> {
        let at = self
            .in_flight
            .iter()
            .position(|c| c.reqid == reqid && c.kind == kind)?;
        Some(self.in_flight.swap_remove(at))
    }

    /// The command in flight that a report on its way belongs to.
    pub(super) fn in_flight(&self, kind: &str, reqid: u32) -> Option<&Command> {
        self.in_flight.iter().find(|c| c.reqid == reqid && c.kind == kind)
    }

    /// The command of this kind in flight, for answers that carry no number (关键器件动作应答 of firmware
    /// in the field): with one in flight of each kind there is no doubt.
    pub(super) fn answered_without_number(&mut self, kind: &str) -> Option<Command> {
        let at = self.in_flight.iter().position(|c| c.kind == kind)?;
        Some(self.in_flight.swap_remove(at))
    }

    /// Commands whose deadline has passed.
    pub(super) fn expired(&mut self, now: i64) -> Vec<Command> {
        let mut expired: Vec<_> = self.in_flight.extract_if(.., |c| c.deadline <= now).collect();
        let (late, waiting) = self
            .waiting
            .drain(..)
            .partition::<Vec<_>, _>(|c| c.deadline <= now);
        self.waiting = waiting.into();
        expired.extend(late);
        expired
    }

    /// Whether nothing waits and nothing is in flight.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.in_flight.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(kind: &str, reqid: u32, deadline: i64) -> Command {
        Command {
            kind: kind.into(),
            reqid,
            caller: "web".into(),
            link: 0,
            body: "{}".into(),
            created: 0,
            sent: 0,
            deadline,
        }
    }

    #[test]
    fn one_of_a_kind_is_in_flight() {
        let mut commands = Commands::default();
        commands.ask(command("重启", 7, 100)).unwrap();
        commands.ask(command("重启", 8, 100)).unwrap();
        commands.ask(command("对时", 9, 100)).unwrap();
        assert_eq!(commands.ready(1).unwrap().reqid, 7);
        assert_eq!(
            commands.ready(1).unwrap().kind,
            "对时",
            "another kind may overtake"
        );
        assert!(commands.ready(1).is_none());
        assert!(commands.answered("重启", 7).is_some());
        assert_eq!(commands.ready(2).unwrap().reqid, 8);
    }

    #[test]
    fn eight_are_in_flight_in_all() {
        let mut commands = Commands::default();
        for n in 0..12 {
            commands.ask(command(&format!("命令{n}"), n, 100)).unwrap();
        }
        let sent = (0..).map_while(|_: u8| commands.ready(1).map(|_| ())).count();
        assert_eq!(sent, IN_FLIGHT);
    }

    #[test]
    fn an_answer_with_a_foreign_number_closes_nothing() {
        let mut commands = Commands::default();
        commands.ask(command("重启", 7, 100)).unwrap();
        commands.ready(1).unwrap();
        assert!(commands.answered("重启", 8).is_none());
        assert!(commands.answered("对时", 7).is_none());
        assert!(commands.answered("重启", 7).is_some());
        assert!(commands.answered("重启", 7).is_none(), "a second answer");
        assert!(commands.is_idle());
    }

    #[test]
    fn an_answer_without_a_number_closes_the_only_one_of_its_kind() {
        let mut commands = Commands::default();
        commands.ask(command("关键器件动作", 7, 100)).unwrap();
        assert!(
            commands.answered_without_number("关键器件动作").is_none(),
            "not sent yet"
        );
        commands.ready(1).unwrap();
        assert_eq!(commands.answered_without_number("关键器件动作").unwrap().reqid, 7);
    }

    #[test]
    fn deadlines_end_what_waits_and_what_is_in_flight() {
        let mut commands = Commands::default();
        commands.ask(command("重启", 7, 100)).unwrap();
        commands.ready(1).unwrap();
        commands.ask(command("重启", 8, 200)).unwrap();
        assert!(commands.expired(99).is_empty());
        assert_eq!(commands.expired(100).len(), 1);
        assert_eq!(commands.expired(200)[0].sent, 0, "never sent");
        assert!(commands.is_idle());
    }

    #[test]
    fn a_caller_that_never_stops_is_refused() {
        let mut commands = Commands::default();
        let refused = (0..1000)
            .filter(|n| commands.ask(command("重启", *n, 1)).is_err())
            .count();
        assert_eq!(refused, 1000 - WAITING);
    }
}
