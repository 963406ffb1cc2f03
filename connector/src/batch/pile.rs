//! One pile of a batch: what a word about its command makes of its row.

use protocol::Uuid;
use proxy::State;
use store::table::command_batch::mark;
use store::table::command_batch_pile::{CommandBatchPile, WAITING, is_final};

/// Until what was asked is looked for in `command_record`, ms; doubled each time.
const FIRST_LOOK: i64 = 20_000;
/// The longest between two looks, ms.
const LONGEST_LOOK: i64 = 600_000;
/// What ops_tcu has not taken after this time is asked again, ms.
const ASK_AGAIN: i64 = 60_000;
/// How much longer than a command's deadline its outcome is waited for, ms.
const GRACE: i64 = 120_000;

/// A pile, and what is known of its command.
#[derive(Debug, Clone)]
pub(super) struct Pile {
    pub(super) row: CommandBatchPile,
    /// Its name at the broker; none if it cannot be asked at all.
    pub(super) uuid: Option<Uuid>,
    /// When it is looked for, Unix ms.
    look_at: i64,
    look_pause: i64,
    /// When it was last asked in this term, Unix ms.
    asked_at: i64,
}

impl Pile {
    pub(super) fn new(mut row: CommandBatchPile) -> Self {
        if row.caller.is_empty() {
            row.caller = mark(row.batch_id, row.device_id);
        }
        Self {
            uuid: Uuid::parse(&row.uuid).ok(),
            row,
            look_at: 0,
            look_pause: FIRST_LOOK,
            asked_at: 0,
        }
    }

    pub(super) fn is_final(&self) -> bool {
        is_final(&self.row.state)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.row.state == WAITING
    }

    /// The broker has its command.
    pub(super) fn asked(&mut self, now: i64) {
        if self.is_waiting() {
            State::Queued.as_str().clone_into(&mut self.row.state);
        }
        if self.row.asked_time == 0 {
            self.row.asked_time = now;
        }
        self.asked_at = now;
        self.look_at = now + self.look_pause;
    }

    /// A word about its command. Whether the row changed: a repetition changes nothing, and neither does anything
    /// behind the end.
    pub(super) fn heard(&mut self, state: State, reason: &str, now: i64) -> bool {
        let overtaken = state == State::Queued && self.row.state == State::Sent.as_str();
        self.look_pause = FIRST_LOOK;
        self.look_at = now + FIRST_LOOK;
        if self.is_final() || overtaken {
            return false;
        }
        if self.row.state == state.as_str() && self.row.reason == reason {
            return false;
        }
        if state.is_final() {
            self.row.finished_time = now;
        }
        if self.row.asked_time == 0 {
            self.row.asked_time = now;
        }
        state.as_str().clone_into(&mut self.row.state);
        reason.clone_into(&mut self.row.reason);
        true
    }

    /// Ends it without ops_tcu.
    pub(super) fn end(&mut self, state: State, reason: &str, now: i64) {
        state.as_str().clone_into(&mut self.row.state);
        reason.clone_into(&mut self.row.reason);
        self.row.finished_time = now;
    }

    /// Whether it is time to look for its command; the next time is later then.
    pub(super) fn look(&mut self, now: i64) -> bool {
        if self.is_final() || self.is_waiting() || now < self.look_at {
            return false;
        }
        self.look_pause = (self.look_pause * 2).min(LONGEST_LOOK);
        self.look_at = now + self.look_pause;
        true
    }

    /// `command_record` does not know its command: whether it is to be asked again.
    pub(super) fn missing(&mut self, now: i64) -> bool {
        let again = !self.is_final() && now >= self.asked_at + ASK_AGAIN;
        if again {
            WAITING.clone_into(&mut self.row.state);
        }
        again
    }

    /// Whether nothing more is waited for.
    pub(super) fn is_overdue(&self, timeout_ms: i64, now: i64) -> bool {
        let asked = self.row.asked_time;
        asked > 0 && !self.is_final() && now > asked.saturating_add(timeout_ms).saturating_add(GRACE)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::batch) fn row(device_id: u64) -> CommandBatchPile {
        CommandBatchPile {
            batch_id: 7,
            device_id,
            uuid: "AAAAAAAB".into(),
            state: WAITING.into(),
            caller: format!("b7-{device_id}"),
            ..CommandBatchPile::default()
        }
    }

    #[test]
    fn a_command_goes_forward_only() {
        let mut pile = Pile::new(row(1));
        pile.asked(100);
        assert_eq!((pile.row.state.as_str(), pile.row.asked_time), ("queued", 100));
        assert!(pile.heard(State::Sent, "", 200));
        assert!(!pile.heard(State::Sent, "", 210), "a repetition");
        assert!(!pile.heard(State::Queued, "", 220), "an older word");
        assert!(pile.heard(State::Failed, "忙", 300));
        assert_eq!((pile.row.finished_time, pile.row.reason.as_str()), (300, "忙"));
        for late in State::ALL {
            assert!(!pile.heard(late, "x", 400));
        }
        assert_eq!((pile.row.finished_time, pile.row.state.as_str()), (300, "failed"));
    }

    #[test]
    fn an_outcome_may_come_before_the_brokers_word() {
        let mut pile = Pile::new(row(1));
        assert!(pile.heard(State::Answered, "", 100));
        pile.asked(110);
        assert_eq!((pile.row.state.as_str(), pile.row.asked_time), ("answered", 100));
    }

    #[test]
    fn looks_become_rarer_and_what_nobody_knows_is_asked_again() {
        let mut pile = Pile::new(row(1));
        assert!(!pile.look(i64::MAX), "not asked yet");
        pile.asked(0);
        assert!(!pile.look(FIRST_LOOK - 1));
        assert!(pile.look(FIRST_LOOK));
        assert!(!pile.look(FIRST_LOOK * 3 - 1));
        assert!(pile.look(FIRST_LOOK * 3));
        assert!(!pile.missing(ASK_AGAIN - 1));
        assert!(pile.missing(ASK_AGAIN));
        assert!(pile.is_waiting());
        let mut after_a_restart = Pile::new(CommandBatchPile {
            state: "queued".into(),
            asked_time: 5,
            ..row(2)
        });
        assert!(after_a_restart.look(1_000_000) && after_a_restart.missing(1_000_000));
    }

    #[test]
    fn nothing_is_waited_for_without_end() {
        let mut pile = Pile::new(row(1));
        assert!(!pile.is_overdue(1_000, i64::MAX), "not asked yet");
        pile.asked(50);
        assert!(!pile.is_overdue(1_000, 50 + 1_000 + GRACE));
        assert!(pile.is_overdue(1_000, 51 + 1_000 + GRACE));
        pile.end(State::TimedOut, "没有回音", 9);
        assert!(!pile.is_overdue(1_000, i64::MAX));
    }
}
