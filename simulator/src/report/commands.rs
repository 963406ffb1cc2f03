//! Every command of a run: when it was heard, how often, and when it was answered. What was heard twice is here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Instant;

use ahash::RandomState;
use protocol::Uuid;
use serde::Serialize;

use super::stats::{lock, micros};

/// Commands remembered one by one; what comes beyond is counted, its repetitions are not told apart.
const REMEMBERED: usize = 2_000_000;

/// One command, as the file of `--commands` tells it.
#[derive(Debug, Clone, Serialize)]
pub struct HeardCommand {
    /// Under which uuid it was heard first.
    pub uuid: Uuid,
    /// 命令.
    pub command: &'static str,
    /// As the platform numbered it.
    pub reqid: u32,
    /// Unix µs of the first time.
    pub heard_us: u64,
    /// How often it was heard.
    pub times: u32,
    /// Unix µs of the first answer, if there was one: 应答, and of 日志召唤 日志上传完成.
    pub answered_us: Option<u64>,
}

/// How many commands of a kind there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CommandCounts {
    /// Different ones: by pile and reqid.
    pub heard: u64,
    /// Heard again, under the same reqid.
    pub repeated: u64,
    /// Of the different ones, answered.
    pub answered: u64,
    /// Piles that heard any.
    pub piles: u64,
    /// Different ones that one pile heard, at most.
    pub most_of_one_pile: u64,
}

#[derive(Debug)]
struct Entry {
    uuid: Uuid,
    heard_us: u64,
    times: u32,
    answered_us: Option<u64>,
}

type Key = (u32, &'static str, u32);

/// The book of all commands.
#[derive(Debug)]
pub(crate) struct CommandLedger {
    started: Instant,
    started_us: u64,
    entries: Mutex<HashMap<Key, Entry, RandomState>>,
}

impl CommandLedger {
    pub(crate) fn new(started: Instant, started_ms: i64) -> Self {
        Self {
            started,
            started_us: started_ms.unsigned_abs() * 1000,
            entries: Mutex::default(),
        }
    }

    fn now(&self) -> u64 {
        self.started_us + micros(self.started.elapsed())
    }

    pub(crate) fn heard(&self, pile: u32, uuid: Uuid, command: &'static str, reqid: u32) {
        let heard_us = self.now();
        let mut entries = lock(&self.entries);
        let is_full = entries.len() >= REMEMBERED;
        if let Some(entry) = entries.get_mut(&(pile, command, reqid)) {
            entry.times += 1;
        } else if !is_full {
            let entry = Entry {
                uuid,
                heard_us,
                times: 1,
                answered_us: None,
            };
            entries.insert((pile, command, reqid), entry);
        }
    }

    /// `message` is what the pile said: X应答, or 日志上传完成; what else there is ends no command.
    pub(crate) fn answered(&self, pile: u32, message: &'static str, reqid: u32) {
        let command = match message {
            "日志上传完成" => "日志召唤",
            // Only says that it was understood, if all goes well.
            "日志召唤应答" => return,
            _ => match message.strip_suffix("应答") {
                Some(command) => command,
                None => return,
            },
        };
        let now = self.now();
        if let Some(entry) = lock(&self.entries).get_mut(&(pile, command, reqid)) {
            entry.answered_us.get_or_insert(now);
        }
    }

    /// By 命令.
    pub(crate) fn counts(&self) -> BTreeMap<String, CommandCounts> {
        let entries = lock(&self.entries);
        let mut per_pile: BTreeMap<&str, HashMap<u32, u64, RandomState>> = BTreeMap::new();
        let mut counts: BTreeMap<String, CommandCounts> = BTreeMap::new();
        for ((pile, command, _), entry) in entries.iter() {
            let count = counts.entry((*command).to_owned()).or_default();
            count.heard += 1;
            count.repeated += u64::from(entry.times - 1);
            count.answered += u64::from(entry.answered_us.is_some());
            *per_pile.entry(command).or_default().entry(*pile).or_default() += 1;
        }
        for (command, piles) in per_pile {
            let count = counts.entry(command.to_owned()).or_default();
            count.piles = piles.len() as u64;
            count.most_of_one_pile = piles.values().copied().max().unwrap_or(0);
        }
        counts
    }

    /// All of them, in the order in which they were heard.
    pub(crate) fn all(&self) -> Vec<HeardCommand> {
        let entries = lock(&self.entries);
        let mut all: Vec<HeardCommand> = entries
            .iter()
            .map(|((_, command, reqid), entry)| HeardCommand {
                uuid: entry.uuid,
                command,
                reqid: *reqid,
                heard_us: entry.heard_us,
                times: entry.times,
                answered_us: entry.answered_us,
            })
            .collect();
        drop(entries);
        all.sort_by_key(|one| (one.heard_us, one.uuid, one.reqid));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_told_from_further_commands() {
        let ledger = CommandLedger::new(Instant::now(), 1000);
        let uuid = |pile: u32| Uuid::from_counter(pile.into()).unwrap();
        for (pile, reqid) in [(0, 1), (0, 1), (0, 2), (1, 1), (0, 1)] {
            ledger.heard(pile, uuid(pile), "重启", reqid);
        }
        ledger.answered(0, "重启应答", 1);
        ledger.answered(0, "重启应答", 1);
        ledger.answered(1, "重启应答", 9);
        ledger.answered(1, "下载进度", 1);
        let expected = CommandCounts {
            heard: 3,
            repeated: 2,
            answered: 1,
            piles: 2,
            most_of_one_pile: 2,
        };
        assert_eq!(ledger.counts()["重启"], expected);
        let first = &ledger.all()[0];
        assert_eq!((first.reqid, first.times), (1, 3));
        assert!(first.heard_us >= 1_000_000 && first.answered_us >= Some(first.heard_us));
    }

    #[test]
    fn a_log_is_answered_once_it_is_there() {
        let ledger = CommandLedger::new(Instant::now(), 1000);
        ledger.heard(0, Uuid::from_counter(0).unwrap(), "日志召唤", 4);
        ledger.answered(0, "日志召唤应答", 4);
        assert_eq!(ledger.counts()["日志召唤"].answered, 0);
        ledger.answered(0, "日志上传完成", 4);
        assert_eq!(ledger.counts()["日志召唤"].answered, 1);
    }
}
