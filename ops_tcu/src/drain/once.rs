//! Exactly once: rows of events that piles repeat by themselves, without those that the table holds.
//!
//! A confirmation may get lost, a worker may be killed with its memory of recent events, two segments
//! may hold the same record: whatever led to the second copy, it ends here. Only one drain runs at a
//! time, so nothing slips in between the look and the insert.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use store::rowbinary::{columns_of, integer, position, text};
use store::table::{boot_failed_record, key_component_action_count, trade_record};
use store::{Clickhouse, StoreError, Table};
use tracing::warn;

use super::Rows;

/// The rows that the table does not hold yet; a charge record that repeats a known number with other
/// contents is marked as a conflict.
pub(super) async fn without_known(db: &Clickhouse, rows: &Rows) -> Result<Rows, StoreError> {
    match rows.table {
        Table::TradeRecord => trade_records(db, rows).await,
        Table::BootFailedRecord => boot_failed_records(db, rows).await,
        Table::KeyComponentActionCount => component_counts(db, rows).await,
        _ => Ok(rows.clone()),
    }
}

async fn trade_records(db: &Clickhouse, rows: &Rows) -> Result<Rows, StoreError> {
    let records: Vec<(u64, String, u64)> =
        read(rows, &["device_id", "trade_id", "content_hash"], |[d, t, h]| {
            (integer(d) as u64, text(t), integer(h) as u64)
        });
    let numbers: Vec<_> = records
        .iter()
        .map(|(device, number, _)| (*device, number.as_str()))
        .collect();
    let existing = trade_record::existing(db, &numbers).await?;
    let known = existing
        .iter()
        .map(|e| (e.device_id, e.trade_id.as_str(), e.content_hash));
    let verdicts = judge(
        known,
        records
            .iter()
            .map(|(device, number, hash)| (*device, number.as_str(), *hash)),
    );
    let conflict = position(Table::TradeRecord.columns(), "conflict");
    Ok(rows.filtered(
        |row| verdicts[row] != Verdict::Known,
        |row, bytes| {
            if verdicts[row] == Verdict::Conflict
                && let Some(places) = columns_of(Table::TradeRecord.columns(), bytes)
            {
                bytes[places[conflict].start] = 1;
            }
        },
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    New,
    Known,
    Conflict,
}

/// Compares records with what is known and with each other, in order.
fn judge<'a>(
    known: impl Iterator<Item = (u64, &'a str, u64)>,
    records: impl Iterator<Item = (u64, &'a str, u64)>,
) -> Vec<Verdict> {
    let mut contents: HashMap<(u64, &str), HashSet<u64>> = HashMap::new();
    for (device, number, hash) in known {
        contents.entry((device, number)).or_default().insert(hash);
    }
    let mut verdict = |(device, number, hash)| {
        let seen = contents.entry((device, number)).or_default();
        match (seen.is_empty(), seen.insert(hash)) {
            (true, _) => Verdict::New,
            (false, true) => Verdict::Conflict,
            (false, false) => Verdict::Known,
        }
    };
    records.map(&mut verdict).collect()
}

async fn boot_failed_records(db: &Clickhouse, rows: &Rows) -> Result<Rows, StoreError> {
    let names = ["pile_time", "device_id", "trade_id", "device_zone", "failed_code"];
    let events = read(rows, &names, |[p, d, t, z, c]| {
        (integer(p), integer(d) as u64, text(t), text(z), text(c))
    });
    let identities: Vec<_> = events
        .iter()
        .map(
            |(pile_time, device_id, trade_id, device_zone, failed_code)| boot_failed_record::Identity {
                pile_time: *pile_time,
                trade_id,
                device_id: *device_id,
                device_zone,
                failed_code,
            },
        )
        .collect();
    let known = boot_failed_record::existing(db, &identities).await?;
    Ok(first_of_each(rows, &identities, &known))
}

async fn component_counts(db: &Clickhouse, rows: &Rows) -> Result<Rows, StoreError> {
    let names = ["pile_time", "device_id", "device_zone", "key_component_name"];
    let lines = read(rows, &names, |[p, d, z, n]| {
        (integer(p), integer(d) as u64, text(z), text(n))
    });
    let identities: Vec<_> = lines
        .iter()
        .map(
            |(pile_time, device_id, device_zone, name)| key_component_action_count::Identity {
                pile_time: *pile_time,
                device_id: *device_id,
                device_zone,
                key_component_name: name,
            },
        )
        .collect();
    let known = key_component_action_count::existing(db, &identities).await?;
    let timeless = lines
        .iter()
        .map(|(pile_time, ..)| *pile_time == 0)
        .collect::<Vec<_>>();
    // Without the pile's time two increments cannot be told apart, so neither may be left out.
    let mut seen = HashSet::new();
    let keep: Vec<_> = (0..rows.len())
        .map(|row| timeless[row] || (!known[row] && seen.insert(identities[row])))
        .collect();
    Ok(rows.filtered(|row| keep[row], |_, _| {}))
}

fn first_of_each<I: std::hash::Hash + Eq + Copy>(rows: &Rows, identities: &[I], known: &[bool]) -> Rows {
    let mut seen = HashSet::new();
    let keep: Vec<_> = (0..rows.len())
        .map(|row| !known[row] && seen.insert(identities[row]))
        .collect();
    rows.filtered(|row| keep[row], |_, _| {})
}

/// Some columns of every row. A row that is not well-formed reads as zeros and empty texts: it is for
/// the database to refuse, and for quarantine to keep.
fn read<const N: usize, T>(rows: &Rows, names: &[&str; N], take: impl Fn([&[u8]; N]) -> T) -> Vec<T> {
    let columns = rows.table.columns();
    let wanted = names.map(|name| position(columns, name));
    (0..rows.len())
        .map(|row| {
            let bytes = rows.slice(row..row + 1);
            let places: Option<Vec<Range<usize>>> = columns_of(columns, &bytes);
            if places.is_none() {
                warn!(
                    table = rows.table.name(),
                    row, "a row in the log is not well-formed"
                );
            }
            let value = |column: usize| places.as_ref().map_or(&[][..], |p| &bytes[p[column].clone()]);
            take(wanted.map(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drain::rows::tests::rows;

    #[test]
    fn a_resend_is_known_and_other_contents_are_a_conflict() {
        let known = [(1, "a", 10)];
        let records = [
            (1, "a", 10),
            (1, "a", 11),
            (1, "a", 11),
            (1, "b", 5),
            (1, "b", 5),
            (2, "a", 10),
            (1, "b", 6),
        ];
        use Verdict::{Conflict, Known, New};
        let expected = [Known, Conflict, Known, New, Known, New, Conflict];
        assert_eq!(judge(known.into_iter(), records.into_iter()), expected);
    }

    #[test]
    fn columns_are_read_by_name() {
        let records = [
            trade_record::TradeRecord {
                device_id: 7,
                trade_id: "0042",
                content_hash: u64::MAX,
                ..Default::default()
            },
            trade_record::TradeRecord {
                device_id: 8,
                trade_id: "0043",
                content_hash: 1,
                ..Default::default()
            },
        ];
        let read = read(&rows(&records), &["trade_id", "content_hash"], |[t, h]| {
            (text(t), integer(h) as u64)
        });
        assert_eq!(read, [("0042".to_owned(), u64::MAX), ("0043".to_owned(), 1)]);
    }
}
