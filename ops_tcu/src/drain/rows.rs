//! A segment's rows, table by table.

use std::ops::Range;

use bytes::Bytes;
use store::{Table, rowbinary};
use wal::Loaded;

/// Encoded rows of one table, in the order in which they were committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The table.
    pub table: Table,
    bytes: Bytes,
    /// Where each row begins, and at last where the last one ends.
    borders: Vec<usize>,
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.borders.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some rows' bytes, one after the other.
    pub fn slice(&self, rows: Range<usize>) -> Bytes {
        self.bytes.slice(self.borders[rows.start]..self.borders[rows.end])
    }

    /// A row's integer column; 0 if the table has no such column or the row is not well-formed.
    pub fn integer(&self, row: usize, column: &str) -> i64 {
        let columns = self.table.columns();
        let Some(place) = columns.iter().position(|c| c.name == column) else {
            return 0;
        };
        let bytes = self.slice(row..row + 1);
        rowbinary::columns_of(columns, &bytes)
            .map_or(0, |places| rowbinary::integer(&bytes[places[place].clone()]))
    }

    /// The rows that `keep` names, each as it is or changed by `change`.
    pub fn filtered(&self, keep: impl Fn(usize) -> bool, mut change: impl FnMut(usize, &mut [u8])) -> Self {
        let (mut bytes, mut borders) = (Vec::with_capacity(self.bytes.len()), vec![0]);
        for row in (0..self.len()).filter(|row| keep(*row)) {
            let from = bytes.len();
            bytes.extend_from_slice(&self.slice(row..row + 1));
            change(row, &mut bytes[from..]);
            borders.push(bytes.len());
        }
        Self {
            table: self.table,
            bytes: bytes.into(),
            borders,
        }
    }
}

/// Collects a segment's frames by table; also counts frames of unknown tables.
pub fn gather(loaded: &Loaded) -> (Vec<Rows>, usize) {
    let mut tables: Vec<(Vec<u8>, Vec<usize>)> = Table::ALL.iter().map(|_| (Vec::new(), vec![0])).collect();
    let mut unknown = 0;
    for frame in loaded.frames() {
        let Some(table) = Table::from_id(frame.kind) else {
            unknown += 1;
            continue;
        };
        let (bytes, borders) = &mut tables[table.place()];
        let mut end = bytes.len();
        bytes.extend_from_slice(frame.bytes);
        borders.extend(frame.lengths().map(|length| {
            end += length as usize;
            end
        }));
    }
    let rows = Table::ALL
        .iter()
        .zip(tables)
        .filter(|(_, (bytes, _))| !bytes.is_empty());
    let rows = rows.map(|(table, (bytes, borders))| Rows {
        table: *table,
        bytes: bytes.into(),
        borders,
    });
    (rows.collect(), unknown)
}

#[cfg(test)]
pub(super) mod tests {
    use store::Record;

    use super::*;

    /// Rows as a segment would give them.
    pub(in crate::drain) fn rows<R: Record>(rows: &[R]) -> Rows {
        let (mut bytes, mut borders) = (Vec::new(), vec![0]);
        for row in rows {
            row.encode(&mut bytes);
            borders.push(bytes.len());
        }
        Rows {
            table: R::TABLE,
            bytes: bytes.into(),
            borders,
        }
    }

    #[test]
    fn rows_are_cut_and_changed_one_by_one() {
        use store::table::unknown_message::UnknownMessage;
        let three = ["a", "bb", "ccc"].map(|command| UnknownMessage {
            device_id: 7,
            command,
            ..Default::default()
        });
        let rows = rows(&three);
        assert_eq!(
            (
                rows.len(),
                rows.integer(1, "device_id"),
                rows.integer(1, "nothing")
            ),
            (3, 7, 0)
        );
        let kept = rows.filtered(
            |row| row != 1,
            |row, bytes| {
                if row == 2 {
                    bytes[0] = 9
                }
            },
        );
        assert_eq!(kept.len(), 2);
        assert_eq!(kept.slice(0..1), rows.slice(0..1));
        assert_eq!(kept.integer(1, "recv_time"), 9);
    }
}
