//! Commands that have ended lately: so that the same mark again makes no second one, and a late answer finds its own.

use std::collections::VecDeque;

use ahash::HashMap;
use store::table::command_record::State;

use super::Command;

/// How long a command is remembered after its end, ms.
pub(in crate::fleet) const REMEMBERED: i64 = 86_400_000;
/// Commands remembered per worker, about half a kilobyte each.
const MOST: usize = 20_000;
/// The longest answer that is remembered for telling it again, bytes.
const LONGEST_ANSWER: usize = 4096;

/// A command and how it ended.
#[derive(Debug, Clone)]
pub(in crate::fleet) struct Ended {
    /// The command; without its body where no later answer can change the record.
    pub command: Command,
    /// How.
    pub state: State,
    /// 结果.
    pub result: Box<str>,
    /// 失败原因.
    pub reason: Box<str>,
    /// The answer; empty if there was none or it is too long to be kept.
    pub answer: Box<str>,
    /// An answer came after the end and is on record.
    pub late: bool,
    /// What tells two commands without a mark apart.
    pub print: u64,
    /// When it ended, ms.
    pub at: i64,
}

/// See the module. Ended commands of all piles of a worker, the oldest forgotten first.
#[derive(Debug, Default)]
pub(in crate::fleet) struct EndedCommands {
    /// Most piles have one, and a list makes room for four.
    #[expect(
        clippy::vec_box,
        reason = "an unused place costs a pointer, not half a kilobyte"
    )]
    by_pile: HashMap<u64, Vec<Box<Ended>>>,
    order: VecDeque<(i64, u64)>,
}

impl EndedCommands {
    /// Remembers one, and forgets what is too old or too much.
    pub(in crate::fleet) fn add(&mut self, device_id: u64, mut ended: Ended, now: i64) {
        if ended.answer.len() > LONGEST_ANSWER {
            ended.answer = Box::default();
        }
        if !matches!(ended.state, State::TimedOut | State::Cancelled) {
            ended.command.body = Box::default();
        }
        self.order.push_back((ended.at, device_id));
        self.by_pile.entry(device_id).or_default().push(Box::new(ended));
        self.forget(now);
    }

    /// Forgets what is too old or too much.
    pub(in crate::fleet) fn forget(&mut self, now: i64) {
        while let Some((at, device_id)) = self.order.front().copied() {
            if self.order.len() <= MOST && at > now - REMEMBERED {
                return;
            }
            self.order.pop_front();
            if let Some(pile) = self.by_pile.get_mut(&device_id) {
                if !pile.is_empty() {
                    pile.remove(0);
                }
                if pile.is_empty() {
                    self.by_pile.remove(&device_id);
                }
            }
        }
    }

    /// The latest one of a pile that is wanted.
    pub(in crate::fleet) fn find(
        &mut self,
        device_id: u64,
        wanted: impl Fn(&Ended) -> bool,
    ) -> Option<&mut Ended> {
        let pile = self.by_pile.get_mut(&device_id)?;
        let found = pile.iter_mut().rev().find(|ended| wanted(ended));
        found.map(|ended| &mut **ended)
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::command;
    use super::*;

    fn ended(reqid: u32, at: i64) -> Ended {
        Ended {
            command: command("重启", reqid, 0),
            state: State::Answered,
            result: "成功".into(),
            reason: "".into(),
            answer: "x".repeat(5000).into(),
            late: false,
            print: 0,
            at,
        }
    }

    #[test]
    fn the_latest_is_found_and_the_oldest_forgotten() {
        let mut all = EndedCommands::default();
        for at in 0..2 * MOST as i64 {
            all.add(at as u64 % 3, ended(at as u32, at), at);
        }
        assert_eq!(all.order.len(), MOST);
        assert_eq!(all.by_pile.values().map(Vec::len).sum::<usize>(), MOST);
        assert!(all.find(0, |e| e.command.reqid == 0).is_none());
        let last = 2 * MOST as u32 - 1;
        let found = all
            .find(u64::from(last % 3), |e| e.command.reqid == last)
            .unwrap();
        assert!(found.answer.is_empty() && found.command.body.is_empty());
        all.forget(REMEMBERED + 2 * MOST as i64);
        assert!(all.order.is_empty() && all.by_pile.is_empty());
    }
}
