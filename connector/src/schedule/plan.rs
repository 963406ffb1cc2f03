//! When a schedule runs, whom it asks and when. Pure.

use common::cron::Cron;
use store::selection::Chosen;
use store::table::command_batch::{CommandBatch, kind, mark};
use store::table::command_batch_pile::{CommandBatchPile, WAITING};
use store::table::schedule::Schedule;
use xxhash_rust::xxh3::xxh3_64;

/// What may recur: commands that only ask, and 对时.
pub(super) const COMMANDS: [&str; 5] = ["关键器件动作", "SIM卡召唤", "对时", "软件版本查询", "参数查询"];

/// Ids stay below 2^53, which JSON can carry.
const ID_BITS: u64 = (1 << 53) - 1;

/// The run that is due now, Unix ms: the latest time of the expression, if nothing stands against it. What was due
/// before the schedule was last changed does not count, and of what was missed meanwhile only the latest.
pub(super) fn due(schedule: &Schedule, cron: &Cron, last: Option<i64>, now: i64) -> Option<i64> {
    let latest = cron.latest(now)?;
    let is_new = latest > schedule.timestamp && latest > schedule.created_time;
    (is_new && last.is_none_or(|last| latest > last)).then_some(latest)
}

/// The batch of a run: always the same one, so that a run that was cut short is made again, not twice.
pub(super) fn batch_id(schedule_id: u64, planned: i64) -> u64 {
    let id = xxh3_64(format!("{schedule_id}:{planned}").as_bytes()) & ID_BITS;
    id.max(1)
}

/// How long after the start a pile is asked, ms: the same in every run.
pub(super) fn offset(schedule: &Schedule, device_id: u64) -> i64 {
    let spread_ms = u64::from(schedule.spread_s) * 1_000;
    if spread_ms == 0 {
        return 0;
    }
    let place = xxh3_64(format!("{}-{device_id}", schedule.schedule_id).as_bytes());
    i64::try_from(place % spread_ms).unwrap_or(0)
}

/// The rows of a run. Their version is the planned time, older than whatever happens to them: made again, they
/// change nothing.
pub(super) fn rows(
    schedule: &Schedule,
    piles: &[Chosen],
    planned: i64,
    start: i64,
) -> (CommandBatch, Vec<CommandBatchPile>) {
    let batch_id = batch_id(schedule.schedule_id, planned);
    let row = |pile: &Chosen| CommandBatchPile {
        timestamp: planned,
        batch_id,
        device_id: pile.device_id,
        uuid: pile.uuid.clone(),
        state: WAITING.to_owned(),
        caller: mark(batch_id, pile.device_id),
        due_time: start + offset(schedule, pile.device_id),
        ..CommandBatchPile::default()
    };
    let batch = CommandBatch {
        timestamp: planned,
        batch_id,
        name: schedule.name.clone(),
        kind: kind::SCHEDULE.to_owned(),
        command: schedule.command.clone(),
        request: schedule.request.clone(),
        source: "connector:schedule".to_owned(),
        rate_per_s: schedule.rate_per_s,
        timeout_s: schedule.timeout_s,
        state: "pending".to_owned(),
        total: u32::try_from(piles.len()).unwrap_or(u32::MAX),
        organization_id: schedule.organization_id,
        created_by: schedule.created_by.clone(),
        created_time: start,
        origin_id: schedule.schedule_id,
        ..CommandBatch::default()
    };
    (batch, piles.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    /// `2026-11-21 08:00:00` in Shanghai.
    const EIGHT: i64 = 1_795_219_200_000;

    fn schedule() -> Schedule {
        Schedule {
            schedule_id: 5,
            timestamp: EIGHT - 1,
            created_time: EIGHT - 100 * MINUTE,
            spread_s: 600,
            ..Schedule::default()
        }
    }

    #[test]
    fn a_run_is_due_once_and_of_those_that_were_missed_the_latest() {
        let (schedule, cron) = (schedule(), "*/10 * * * *".parse().unwrap());
        let due_at = |last, now| due(&schedule, &cron, last, now);
        assert_eq!(due_at(None, EIGHT - 1), None, "before it was changed");
        assert_eq!(due_at(None, EIGHT), Some(EIGHT));
        assert_eq!(due_at(Some(EIGHT), EIGHT + 9 * MINUTE), None);
        assert_eq!(
            due_at(Some(EIGHT), EIGHT + 10 * MINUTE),
            Some(EIGHT + 10 * MINUTE)
        );
        assert_eq!(
            due_at(Some(EIGHT), EIGHT + 59 * MINUTE),
            Some(EIGHT + 50 * MINUTE)
        );
    }

    #[test]
    fn a_pile_keeps_its_place_and_all_are_spread() {
        let schedule = schedule();
        let places: Vec<_> = (1..=1_000).map(|pile| offset(&schedule, pile)).collect();
        assert!(places.iter().all(|place| (0..600_000).contains(place)));
        assert_eq!(offset(&schedule, 7), offset(&schedule, 7));
        for tenth in 0..10 {
            let within = places.iter().filter(|place| **place / 60_000 == tenth).count();
            assert!((60..=140).contains(&within), "{tenth}: {within}");
        }
        let at_once = Schedule {
            spread_s: 0,
            ..schedule
        };
        assert_eq!(offset(&at_once, 7), 0);
    }

    #[test]
    fn a_run_made_again_has_the_same_rows() {
        let pile = Chosen {
            device_id: 9,
            uuid: "AAAAAAAB".into(),
            sta_id: 0,
            model: String::new(),
        };
        let (batch, piles) = rows(&schedule(), std::slice::from_ref(&pile), EIGHT, EIGHT + 5);
        assert_eq!((batch.timestamp, piles[0].timestamp), (EIGHT, EIGHT));
        assert_eq!(batch.batch_id, batch_id(5, EIGHT));
        assert_ne!(batch.batch_id, batch_id(5, EIGHT + MINUTE));
        assert!(batch.batch_id < 1 << 53);
        assert_eq!(piles[0].caller, format!("b{}-9", batch.batch_id));
        assert!(piles[0].due_time >= EIGHT + 5);
    }
}
