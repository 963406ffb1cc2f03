//! The times of a row: what the pile's clock said, when it was received, and by which it is ordered.

use protocol::time::is_skewed;

/// The four time columns that every event table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// What rows are ordered by, ms.
    pub timestamp: i64,
    /// 系统时间, ms; 0 = absent.
    pub pile_time: i64,
    /// Receipt, ms.
    pub recv_time: i64,
    /// 1 = the pile's clock is more than 24 h off.
    pub clock_skew: u8,
}

impl Stamp {
    /// Of a message that said `pile` and was received at `now`.
    pub(super) fn new(pile: Option<i64>, now: i64) -> Self {
        match pile {
            None => Self {
                timestamp: now,
                pile_time: 0,
                recv_time: now,
                clock_skew: 0,
            },
            Some(pile) if is_skewed(pile, now) => Self {
                timestamp: now,
                pile_time: pile,
                recv_time: now,
                clock_skew: 1,
            },
            Some(pile) => Self {
                timestamp: pile,
                pile_time: pile,
                recv_time: now,
                clock_skew: 0,
            },
        }
    }

    /// Of something that happened at `occurred` and was told in a message that said `said`. Piles repeat
    /// what was not confirmed, each time with their present clock, so the event's own time is its
    /// identity, and it may well be days old without the clock being wrong.
    pub(super) fn of_event(occurred: Option<i64>, said: Option<i64>, now: i64) -> Self {
        let Some(event) = occurred else {
            return Self::new(said, now);
        };
        let clock = said.unwrap_or(event);
        let plausible = (now - event).abs() < OLDEST_EVENT_MS;
        let skewed = is_skewed(clock, now) || !plausible;
        Self {
            timestamp: if skewed { now } else { event },
            pile_time: event,
            recv_time: now,
            clock_skew: u8::from(skewed),
        }
    }
}

/// An event further off than a year is a wrong clock, whatever the clock says meanwhile.
const OLDEST_EVENT_MS: i64 = 366 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;
    const DAY: i64 = 86_400_000;

    #[test]
    fn a_sane_clock_orders_and_a_wild_one_is_kept_but_flagged() {
        let of = |pile| {
            let stamp = Stamp::new(pile, NOW);
            (stamp.timestamp, stamp.pile_time, stamp.clock_skew)
        };
        assert_eq!(of(Some(NOW - 5)), (NOW - 5, NOW - 5, 0));
        assert_eq!(of(Some(NOW + DAY)), (NOW + DAY, NOW + DAY, 0));
        assert_eq!(of(Some(NOW + DAY + 1)), (NOW, NOW + DAY + 1, 1));
        assert_eq!(of(Some(0)), (NOW, 0, 1));
        assert_eq!(of(None), (NOW, 0, 0));
    }

    #[test]
    fn an_event_keeps_its_own_time_however_often_it_is_told() {
        let of = |occurred, said| {
            let stamp = Stamp::of_event(occurred, said, NOW);
            (stamp.timestamp, stamp.pile_time, stamp.clock_skew)
        };
        let event = NOW - 5 * DAY;
        assert_eq!(of(Some(event), Some(NOW)), (event, event, 0));
        assert_eq!(of(Some(event), Some(NOW + 1000)), (event, event, 0));
        assert_eq!(of(Some(event), None), (NOW, event, 1));
        assert_eq!(of(Some(0), Some(NOW)), (NOW, 0, 1));
        assert_eq!(of(None, Some(NOW - 1)), (NOW - 1, NOW - 1, 0));
    }
}
