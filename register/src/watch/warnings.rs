//! One warning per pile and hour, however often its TCUs take turns: further turns are counted into it, as versions
//! of the same row.

use ahash::HashMap;
use store::table::warn_record::{Platform, Source, State, WarnRecord};

use super::Suspicion;

/// The code under which `warn_record` holds a duplicate uuid.
pub(super) const CODE: &str = "PLATFORM-DUPLICATE-UUID";
const NAME: &str = "uuid重复";
const ZONE: &str = "桩数据";
/// Turns within this time of the first are one warning, ms.
const ONE_WARNING_MS: i64 = 3_600_000;
/// Warnings remembered; beyond it those that can no longer be counted into are forgotten.
const REMEMBERED: usize = 65_536;

/// A warning that may be counted into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    device_id: u64,
    /// When it was raised, Unix ms: its identity.
    since: i64,
    /// The last turn that is counted, Unix ms: its version.
    last: i64,
    count: u32,
    extra: String,
}

/// All of the last hour, by pile.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    open: HashMap<u64, Open>,
    /// Those that the table does not show as they are.
    unwritten: HashMap<u64, Open>,
}

impl Warnings {
    /// Takes over one that was raised before a restart: what it has counted is not counted again.
    pub(super) fn restore(&mut self, known: &Platform) {
        let open = Open {
            device_id: known.device_id,
            since: known.generate_time,
            last: known.recv_time,
            count: known.count,
            extra: known.extra.clone(),
        };
        let newest = self.open.entry(known.device_id).or_insert_with(|| open.clone());
        if newest.since < open.since {
            *newest = open;
        }
    }

    /// Raises a warning or counts into the present one. Gives whether it told anything new.
    pub(super) fn raise(&mut self, device_id: u64, suspicion: &Suspicion) -> bool {
        let at = suspicion.at;
        let extra = extra(suspicion);
        match self.open.get_mut(&device_id) {
            // Read again, or earlier than what is counted already.
            Some(open) if at <= open.last => return false,
            Some(open) if at - open.since < ONE_WARNING_MS => {
                (open.last, open.count, open.extra) = (at, open.count.saturating_add(1), extra);
            }
            _ => {
                let open = Open {
                    device_id,
                    since: at,
                    last: at,
                    count: 1,
                    extra,
                };
                self.open.insert(device_id, open);
            }
        }
        if let Some(open) = self.open.get(&device_id) {
            self.unwritten.insert(device_id, open.clone());
        }
        if self.open.len() > REMEMBERED {
            self.open.retain(|_, open| at - open.since < ONE_WARNING_MS);
        }
        true
    }

    /// What is to be written.
    pub(super) fn unwritten(&self) -> Vec<Open> {
        self.unwritten.values().cloned().collect()
    }

    /// These are written.
    pub(super) fn written(&mut self, rows: &[Open]) {
        for row in rows {
            if self.unwritten.get(&row.device_id) == Some(row) {
                self.unwritten.remove(&row.device_id);
            }
        }
    }
}

impl Open {
    /// The row to write.
    pub(super) fn row(&self) -> WarnRecord<'_> {
        WarnRecord {
            timestamp: self.since,
            pile_time: 0,
            recv_time: self.last,
            clock_skew: 0,
            device_id: self.device_id,
            device_zone: ZONE,
            warn_code: CODE,
            warn_name: NAME,
            warn_level: 0,
            warn_class: "",
            state: State::Raised,
            source: Source::Platform,
            generate_time: self.since,
            recover_time: 0,
            count: self.count,
            extra: &self.extra,
            reqid: 0,
        }
    }
}

fn extra(suspicion: &Suspicion) -> String {
    let Suspicion {
        uuid,
        mark,
        before,
        now,
        ..
    } = suspicion;
    format!("uuid {uuid} 先后由{} {before} 和 {now} 使用", mark.chinese())
}

#[cfg(test)]
mod tests {
    use protocol::Uuid;

    use super::super::Mark;
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn turn(at: i64) -> Suspicion {
        Suspicion {
            uuid: Uuid::parse("AAAAALFW").unwrap(),
            mark: Mark::Serial,
            before: "SN1".to_owned(),
            now: "SN2".to_owned(),
            at,
        }
    }

    fn written(warnings: &mut Warnings) -> Vec<(i64, i64, u32)> {
        let rows = warnings.unwritten();
        warnings.written(&rows);
        rows.iter().map(|row| (row.since, row.last, row.count)).collect()
    }

    #[test]
    fn an_hour_is_one_warning() {
        let mut warnings = Warnings::default();
        for n in 0..10 {
            assert!(warnings.raise(7, &turn(1000 + n)));
        }
        assert_eq!(written(&mut warnings), [(1000, 1009, 10)]);
        assert_eq!(written(&mut warnings), []);
        warnings.raise(7, &turn(1000 + HOUR));
        assert_eq!(written(&mut warnings), [(1000 + HOUR, 1000 + HOUR, 1)]);
    }

    #[test]
    fn what_is_read_again_is_not_counted_again() {
        let mut warnings = Warnings::default();
        warnings.raise(7, &turn(1000));
        warnings.raise(7, &turn(2000));
        let row = warnings.unwritten()[0].clone();
        let known = Platform {
            device_id: row.device_id,
            recv_time: row.last,
            generate_time: row.since,
            count: row.count,
            extra: row.extra,
        };
        let mut again = Warnings::default();
        again.restore(&known);
        assert!(!again.raise(7, &turn(1000)));
        assert!(!again.raise(7, &turn(2000)));
        assert_eq!(written(&mut again), []);
        assert!(again.raise(7, &turn(3000)));
        assert_eq!(written(&mut again), [(1000, 3000, 3)]);
    }

    #[test]
    fn what_changes_while_it_is_written_is_written_again() {
        let mut warnings = Warnings::default();
        warnings.raise(7, &turn(1000));
        let rows = warnings.unwritten();
        warnings.raise(7, &turn(2000));
        warnings.written(&rows);
        assert_eq!(written(&mut warnings), [(1000, 2000, 2)]);
    }

    #[test]
    fn the_text_names_both() {
        let text = extra(&turn(1));
        assert!(["AAAAALFW", "SN1", "SN2"].iter().all(|word| text.contains(word)));
    }
}
