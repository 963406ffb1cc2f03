//! The commands of one pile: which wait, which are in flight, when they are due again.
//!
//! One in flight of each kind and eight in all; to an offline pile a command waits until the pile is back or its
//! deadline passes.

mod body;
mod command;
mod ended;
mod pace;

use std::collections::VecDeque;

pub(super) use body::{fingerprint, moved_on, with_password, without_password};
pub use command::Retry;
pub(super) use command::{Again, Command};
pub(super) use ended::{Ended, EndedCommands};
pub(super) use pace::Pace;

/// In flight per pile at most.
const IN_FLIGHT: usize = 8;
/// Waiting per pile at most; more is refused at once, so that a broken caller cannot fill memory.
const WAITING: usize = 32;

/// Why a command was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Too many wait already.
    #[error("等待的命令过多: 同一桩至多等待 32 条，请待其结束或撤销后再发")]
    Full,
}

/// All commands of one pile.
#[derive(Debug, Default)]
pub(super) struct Commands {
    /// Its pile stands among those that are looked at every second.
    pub noted: bool,
    waiting: VecDeque<Command>,
    in_flight: Vec<Command>,
}

impl Commands {
    /// Whether another command may wait.
    ///
    /// # Errors
    /// [`Refused::Full`].
    pub(super) fn has_room(&self) -> Result<(), Refused> {
        if self.waiting.len() >= WAITING {
            return Err(Refused::Full);
        }
        Ok(())
    }

    /// Takes a command that has not been sent.
    pub(super) fn wait(&mut self, command: Command) {
        self.waiting.push_back(command);
    }

    /// Takes a command that has been sent.
    pub(super) fn fly(&mut self, command: Command) {
        self.in_flight.push(command);
    }

    /// Takes out the next command that may be sent; with a source only one that stands in that source's line.
    pub(super) fn take_ready(&mut self, source: Option<&str>) -> Option<Command> {
        let at = self.ready(|c| source.is_none_or(|source| c.listed && c.source == source))?;
        self.waiting.remove(at)
    }

    /// Marks the next command that may be sent, and stands in no line yet, as standing in its source's.
    pub(super) fn list(&mut self) -> Option<&Command> {
        let at = self.ready(|c| !c.listed)?;
        self.waiting[at].listed = true;
        Some(&self.waiting[at])
    }

    /// Nothing of this source stands in its line any more: it could not be sent when its turn came.
    pub(super) fn unlist(&mut self, source: &str) {
        for command in self.waiting.iter_mut().filter(|c| c.source == source) {
            command.listed = false;
        }
    }

    fn ready(&self, wanted: impl Fn(&Command) -> bool) -> Option<usize> {
        if self.in_flight.len() >= IN_FLIGHT {
            return None;
        }
        let free = |c: &Command| !self.in_flight.iter().any(|f| f.kind == c.kind);
        // In the order of asking: a later one of a kind does not pass an earlier one of another source.
        let first = |at: usize, c: &Command| !self.waiting.iter().take(at).any(|f| f.kind == c.kind);
        self.waiting
            .iter()
            .enumerate()
            .find(|(at, c)| free(c) && first(*at, c) && wanted(c))
            .map(|(at, _)| at)
    }

    /// Takes out the command in flight that an answer speaks of. Only kind and number together identify it: staff
    /// may have sent a command of the same kind by hand.
    pub(super) fn take_in_flight(&mut self, kind: &str, reqid: u32) -> Option<Command> {
        self.take_flying(|c| c.reqid == reqid && c.kind == kind)
    }

    /// The command of this kind in flight, for answers that carry no number (关键器件动作应答 of firmware
    /// in the field): with one in flight of each kind there is no doubt.
    pub(super) fn take_without_number(&mut self, kind: &str) -> Option<Command> {
        self.take_flying(|c| c.kind == kind)
    }

    fn take_flying(&mut self, wanted: impl Fn(&Command) -> bool) -> Option<Command> {
        let at = self.in_flight.iter().position(wanted)?;
        Some(self.in_flight.swap_remove(at))
    }

    /// Takes out the command that was asked for under this mark.
    pub(super) fn take_marked(&mut self, caller: &str) -> Option<Command> {
        match self.waiting.iter().position(|c| c.caller == caller) {
            Some(at) => self.waiting.remove(at),
            None => self.take_flying(|c| c.caller == caller),
        }
    }

    /// The first open command that is wanted.
    pub(super) fn find(&self, wanted: impl Fn(&Command) -> bool) -> Option<&Command> {
        self.waiting.iter().chain(&self.in_flight).find(|c| wanted(c))
    }

    /// Takes out a command in flight that is to be sent again now.
    pub(super) fn take_due(&mut self, now: i64) -> Option<Command> {
        self.take_flying(|c| c.is_due(now))
    }

    /// The pile is back: what it may have missed is due at once.
    pub(super) fn back(&mut self, again: Again, now: i64) {
        self.in_flight.iter_mut().for_each(|c| c.back(again, now));
    }

    /// Takes out the commands whose deadline has passed.
    pub(super) fn take_expired(&mut self, now: i64) -> Vec<Command> {
        let mut expired: Vec<_> = self.in_flight.extract_if(.., |c| c.deadline <= now).collect();
        if self.waiting.iter().any(|c| c.deadline <= now) {
            let (late, waiting) = self
                .waiting
                .drain(..)
                .partition::<Vec<_>, _>(|c| c.deadline <= now);
            self.waiting = waiting.into();
            expired.extend(late);
        }
        expired
    }

    /// Whether nothing waits and nothing is in flight.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.in_flight.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::command::tests::command;
    use super::*;

    fn ask(commands: &mut Commands, command: Command) -> bool {
        let room = commands.has_room().is_ok();
        if room {
            commands.wait(command);
        }
        room
    }

    /// Sends the next one, as far as the queue goes.
    fn send(commands: &mut Commands) -> Option<u32> {
        let command = commands.take_ready(None)?;
        let reqid = command.reqid;
        commands.fly(command);
        Some(reqid)
    }

    #[test]
    fn one_of_a_kind_is_in_flight() {
        let mut commands = Commands::default();
        for (kind, reqid) in [("重启", 7), ("重启", 8), ("对时", 9)] {
            ask(&mut commands, command(kind, reqid, 100));
        }
        assert_eq!(send(&mut commands), Some(7));
        assert_eq!(send(&mut commands), Some(9), "another kind may overtake");
        assert_eq!(send(&mut commands), None);
        assert!(commands.take_in_flight("重启", 7).is_some());
        assert_eq!(send(&mut commands), Some(8));
    }

    #[test]
    fn eight_are_in_flight_in_all() {
        let mut commands = Commands::default();
        for n in 0..12 {
            ask(&mut commands, command(&format!("命令{n}"), n, 100));
        }
        let sent = std::iter::from_fn(|| send(&mut commands)).count();
        assert_eq!(sent, IN_FLIGHT);
    }

    #[test]
    fn an_answer_with_a_foreign_number_closes_nothing() {
        let mut commands = Commands::default();
        ask(&mut commands, command("重启", 7, 100));
        assert!(commands.take_in_flight("重启", 7).is_none(), "not sent yet");
        assert!(commands.take_without_number("重启").is_none(), "not sent yet");
        send(&mut commands);
        assert!(commands.take_in_flight("重启", 8).is_none());
        assert!(commands.take_in_flight("对时", 7).is_none());
        assert!(commands.take_in_flight("重启", 7).is_some());
        assert!(commands.take_in_flight("重启", 7).is_none(), "a second answer");
        assert!(commands.is_idle());
    }

    #[test]
    fn deadlines_end_what_waits_and_what_is_in_flight() {
        let mut commands = Commands::default();
        ask(&mut commands, command("重启", 7, 100));
        send(&mut commands);
        ask(&mut commands, command("重启", 8, 200));
        assert!(commands.take_expired(99).is_empty());
        assert_eq!(commands.take_expired(100)[0].reqid, 7);
        assert_eq!(commands.take_expired(200)[0].reqid, 8);
        assert!(commands.is_idle());
    }

    #[test]
    fn a_caller_that_never_stops_is_refused() {
        let mut commands = Commands::default();
        let refused = (0..1000)
            .filter(|n| !ask(&mut commands, command("重启", *n, 1)))
            .count();
        assert_eq!(refused, 1000 - WAITING);
    }

    #[test]
    fn a_line_serves_only_its_source_and_in_order() {
        let mut commands = Commands::default();
        let from = |source: &str, kind: &str, reqid| Command {
            source: source.into(),
            ..command(kind, reqid, 100)
        };
        for asked in [from("a", "重启", 1), from("b", "重启", 2), from("b", "对时", 3)] {
            commands.wait(asked);
        }
        let listed: Vec<_> = std::iter::from_fn(|| commands.list().map(|c| c.reqid)).collect();
        assert_eq!(listed, [1, 3], "the second 重启 has to wait for the first");
        assert_eq!(commands.take_ready(Some("b")).unwrap().reqid, 3);
        assert!(commands.take_ready(Some("b")).is_none());
        commands.unlist("a");
        assert!(commands.take_ready(Some("a")).is_none());
        assert_eq!(commands.list().unwrap().reqid, 1);
        assert_eq!(commands.take_ready(Some("a")).unwrap().reqid, 1);
    }
}
