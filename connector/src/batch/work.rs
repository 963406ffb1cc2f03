//! One batch in memory: who is next, what was heard, what has to be written. No I/O, no clock.

use std::collections::{BTreeSet, HashMap, HashSet};

use proxy::{Ask, State};
use serde_json::{Map, Value};
use store::table::command_batch::{BatchState, CommandBatch};
use store::table::command_batch_pile::CommandBatchPile;

use super::pile::Pile;
use super::runs;

/// Deadline of commands of a batch that names none, seconds.
const TIMEOUT_S: u32 = 300;
/// What a pile is told that is not asked any more.
const CANCELLED: &str = "批次已取消";

/// A batch and its piles.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) row: CommandBatch,
    pub(super) state: BatchState,
    piles: HashMap<u64, Pile>,
    /// Not asked yet, by when they may be.
    waiting: BTreeSet<(i64, u64)>,
    /// Piles without a final state.
    open: usize,
    changed: HashSet<u64>,
    /// The next pile may be asked then, Unix µs.
    next_us: i64,
}

impl Work {
    pub(super) fn new(row: CommandBatch, piles: Vec<CommandBatchPile>) -> Self {
        let piles: HashMap<_, _> = piles
            .into_iter()
            .map(|pile| (pile.device_id, Pile::new(pile)))
            .collect();
        let mut work = Self {
            state: BatchState::parse(&row.state).unwrap_or(BatchState::Paused),
            row,
            waiting: BTreeSet::new(),
            open: piles.values().filter(|pile| !pile.is_final()).count(),
            piles,
            changed: HashSet::new(),
            next_us: 0,
        };
        for pile in work.piles.values().filter(|pile| pile.is_waiting()) {
            work.waiting.insert((pile.row.due_time, pile.row.device_id));
        }
        work
    }

    /// A newer version of the batch's row.
    pub(super) fn update(&mut self, row: CommandBatch) {
        self.state = BatchState::parse(&row.state).unwrap_or(BatchState::Paused);
        self.row = row;
    }

    /// How many piles are here: fewer than `total` while the web server still writes them.
    pub(super) fn piles(&self) -> usize {
        self.piles.len()
    }

    /// Piles without a final state.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    fn timeout_s(&self) -> u32 {
        match self.row.timeout_s {
            0 => TIMEOUT_S,
            some => some,
        }
    }

    /// The next pile to ask, if one is due and the batch's rate allows it; it no longer waits then.
    pub(super) fn next(&mut self, now: i64) -> Option<u64> {
        if !runs(self.state) {
            return None;
        }
        let now_us = now.saturating_mul(1_000);
        if now_us < self.next_us {
            return None;
        }
        let &(due, device_id) = self.waiting.first().filter(|(due, _)| *due <= now)?;
        self.waiting.remove(&(due, device_id));
        if self.row.rate_per_s > 0 {
            // What was not used within a tick is made up for, what was not used before is gone.
            let gap = 1_000_000 / i64::from(self.row.rate_per_s);
            self.next_us = self.next_us.max(now_us - 50_000) + gap;
        }
        Some(device_id)
    }

    /// The command for this pile.
    pub(super) fn ask(
        &self,
        device_id: u64,
        system_time: impl Fn() -> String,
    ) -> Option<(protocol::Uuid, Ask)> {
        let pile = self.piles.get(&device_id)?;
        let mut fields = object(&self.row.request);
        fields.extend(object(&pile.row.request));
        fields.insert("命令".to_owned(), Value::from(self.row.command.as_str()));
        if self.row.command == "对时" && !fields.contains_key("系统时间") {
            fields.insert("系统时间".to_owned(), Value::from(system_time()));
        }
        let timeout = std::time::Duration::from_secs(self.timeout_s().into());
        let ask = Ask::with_fields(&pile.row.caller, fields)
            .source(&self.row.source)
            .timeout(timeout.min(proxy::LONGEST_TIMEOUT));
        Some((pile.uuid?, ask))
    }

    /// What a pile is called when it is asked.
    pub(super) fn mark(&self, device_id: u64) -> Option<(protocol::Uuid, &str)> {
        let pile = self.piles.get(&device_id)?;
        Some((pile.uuid?, &pile.row.caller))
    }

    /// The broker has its command.
    pub(super) fn asked(&mut self, device_id: u64, now: i64) {
        self.change(device_id, |pile| {
            pile.asked(now);
            true
        });
    }

    /// It was not asked after all, and waits again.
    pub(super) fn not_asked(&mut self, device_id: u64) {
        if let Some(pile) = self.piles.get(&device_id).filter(|pile| pile.is_waiting()) {
            self.waiting.insert((pile.row.due_time, device_id));
        }
    }

    /// What became of its command.
    pub(super) fn heard(&mut self, device_id: u64, state: State, reason: &str, now: i64) {
        self.change(device_id, |pile| pile.heard(state, reason, now));
    }

    /// Ends a pile without ops_tcu.
    pub(super) fn end(&mut self, device_id: u64, state: State, reason: &str, now: i64) {
        self.change(device_id, |pile| {
            let ends = !pile.is_final();
            if ends {
                pile.end(state, reason, now);
            }
            ends
        });
    }

    /// Ends the piles that were not asked; those that were have to be withdrawn.
    pub(super) fn cancel(&mut self, now: i64) -> Vec<u64> {
        for (_, device_id) in std::mem::take(&mut self.waiting) {
            // One that was asked in an earlier life may be with ops_tcu: that is withdrawn as well.
            let asked = self
                .piles
                .get(&device_id)
                .is_some_and(|pile| pile.row.asked_time > 0);
            if !asked {
                self.end(device_id, State::Cancelled, CANCELLED, now);
            }
        }
        let asked = self.piles.values().filter(|pile| !pile.is_final());
        asked.map(|pile| pile.row.device_id).collect()
    }

    /// Piles whose commands are to be looked for now, with their marks. `all`: those that were never asked, too,
    /// since a connector that was killed may have asked without writing it down.
    pub(super) fn look_for(&mut self, all: bool, now: i64) -> Vec<(u64, String)> {
        let open = self.piles.values_mut().filter(|pile| !pile.is_final());
        open.filter_map(|pile| {
            let wanted = all || pile.look(now);
            wanted.then(|| (pile.row.device_id, pile.row.caller.clone()))
        })
        .collect()
    }

    /// `command_record` knows nothing of it: it is asked again if it was asked long enough ago.
    pub(super) fn missing(&mut self, device_id: u64, now: i64) {
        let Some(pile) = self.piles.get_mut(&device_id) else {
            return;
        };
        if pile.missing(now) {
            self.waiting.insert((pile.row.due_time, device_id));
        }
    }

    /// Piles of which nothing was heard beyond every deadline.
    pub(super) fn overdue(&self, now: i64) -> Vec<u64> {
        let timeout = i64::from(self.timeout_s()) * 1_000;
        let overdue = self.piles.values().filter(|pile| pile.is_overdue(timeout, now));
        overdue.map(|pile| pile.row.device_id).collect()
    }

    /// Rows that were not written yet.
    pub(super) fn take_changed(&mut self) -> Vec<&mut CommandBatchPile> {
        if self.changed.is_empty() {
            return Vec::new();
        }
        let changed = std::mem::take(&mut self.changed);
        let piles = self.piles.values_mut().map(|pile| &mut pile.row);
        piles.filter(|row| changed.contains(&row.device_id)).collect()
    }

    /// Whether every pile has a final state.
    pub(super) fn is_over(&self) -> bool {
        self.open == 0
    }

    fn change(&mut self, device_id: u64, change: impl FnOnce(&mut Pile) -> bool) {
        let Some(pile) = self.piles.get_mut(&device_id) else {
            return;
        };
        let was_open = !pile.is_final();
        if !change(pile) {
            return;
        }
        self.changed.insert(device_id);
        if was_open && pile.is_final() {
            self.open -= 1;
        }
        if !pile.is_waiting() {
            let waited = (pile.row.due_time, device_id);
            self.waiting.remove(&waited);
        }
    }
}

/// A JSON object; empty for anything else.
fn object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::pile::tests::row;
    use super::*;

    fn batch(rate_per_s: u32, piles: u64) -> Work {
        let batch = CommandBatch {
            batch_id: 7,
            command: "参数配置".into(),
            request: r#"{"配置列表":[]}"#.into(),
            source: "connector:batch".into(),
            state: "pending".into(),
            rate_per_s,
            total: piles as u32,
            ..CommandBatch::default()
        };
        Work::new(batch, (1..=piles).map(row).collect())
    }

    fn all(work: &mut Work, now: i64) -> usize {
        std::iter::from_fn(|| work.next(now)).count()
    }

    #[test]
    fn piles_are_asked_once_at_the_batchs_rate() {
        let mut work = batch(100, 300);
        let mut asked = 0;
        for tick in 0..100 {
            asked += all(&mut work, 1_000_000 + tick * 20);
        }
        assert!(
            (200..=206).contains(&asked),
            "two seconds at 100 a second: {asked}"
        );
        let mut unlimited = batch(0, 300);
        assert_eq!((all(&mut unlimited, 1), all(&mut unlimited, 2)), (300, 0));
    }

    #[test]
    fn a_pile_is_not_asked_before_it_is_due_nor_while_the_batch_rests() {
        let mut work = batch(0, 2);
        work = Work::new(
            work.row.clone(),
            vec![
                CommandBatchPile {
                    due_time: 500,
                    ..row(1)
                },
                row(2),
            ],
        );
        assert_eq!(
            (work.next(499), work.next(499), work.next(500)),
            (Some(2), None, Some(1))
        );
        let mut paused = batch(0, 2);
        for state in ["paused", "cancelled", "finished", "neverheard"] {
            let row = CommandBatch {
                state: state.into(),
                ..paused.row.clone()
            };
            paused.update(row);
            assert_eq!(paused.next(1), None, "{state}");
        }
        let row = CommandBatch {
            state: "running".into(),
            ..paused.row.clone()
        };
        paused.update(row);
        assert!(paused.next(1).is_some());
    }

    #[test]
    fn a_piles_own_fields_go_over_those_of_the_batch() {
        let mut work = batch(0, 1);
        work = Work::new(
            work.row.clone(),
            vec![CommandBatchPile {
                request: r#"{"配置列表":[{"名称":"a","值":"1"}]}"#.into(),
                ..row(1)
            }],
        );
        let (uuid, ask) = work.ask(1, String::new).unwrap();
        assert_eq!((uuid.to_string().as_str(), ask.mark()), ("AAAAAAAB", "b7-1"));
        let sent: Value = serde_json::from_slice(&ask.to_json().unwrap()).unwrap();
        assert_eq!(
            sent,
            json!({"命令": "参数配置", "配置列表": [{"名称": "a", "值": "1"}], "请求标识": "b7-1",
            "来源": "connector:batch", "超时_秒": 300})
        );
        work.row.command = "对时".into();
        let (_, ask) = work.ask(1, || "now".into()).unwrap();
        assert!(
            String::from_utf8(ask.to_json().unwrap())
                .unwrap()
                .contains(r#""系统时间":"now""#)
        );
    }

    #[test]
    fn a_batch_is_over_when_every_pile_has_a_final_state() {
        let mut work = batch(0, 3);
        assert_eq!(all(&mut work, 1), 3);
        work.asked(1, 10);
        work.heard(1, State::Answered, "", 20);
        work.heard(1, State::Answered, "", 30);
        work.end(2, State::Failed, "x", 20);
        work.end(2, State::Failed, "y", 20);
        assert!(!work.is_over());
        assert_eq!(work.take_changed().len(), 2);
        assert!(work.take_changed().is_empty());
        work.heard(3, State::Refused, "无此桩", 40);
        work.heard(99, State::Answered, "", 40);
        assert!(work.is_over());
    }

    #[test]
    fn cancelling_ends_who_waits_and_names_who_is_to_be_withdrawn() {
        let mut work = batch(0, 3);
        let first = work.next(1).unwrap();
        work.asked(first, 2);
        assert_eq!(work.cancel(3), [first]);
        assert_eq!(work.open(), 1);
        work.heard(first, State::Cancelled, "", 4);
        assert!(work.is_over());
    }

    #[test]
    fn what_was_in_nobodys_hands_waits_again() {
        let mut work = batch(0, 1);
        let pile = work.next(1).unwrap();
        assert_eq!(work.next(1), None);
        work.not_asked(pile);
        assert_eq!(work.next(1), Some(pile));
        work.asked(pile, 5);
        work.not_asked(pile);
        assert_eq!(work.next(1), None);
        assert_eq!(work.look_for(false, 6), []);
        assert_eq!(work.look_for(true, 6), [(pile, "b7-1".to_owned())]);
        work.missing(pile, 1_000_000);
        assert_eq!(work.next(1_000_000), Some(pile));
    }
}
