//! Tables whose rows are versions: the newest `timestamp` of a key counts, `flag_del` = 1 means gone.
//!
//! One struct per table, read and written alike; [`versioned_row!`](crate::versioned) declares it.

use std::time::{SystemTime, UNIX_EPOCH};

use clickhouse::{RowOwned, RowRead};
use serde::Serialize;

use crate::{Clickhouse, Conditions, Record, StoreError};

/// A version of one thing.
pub trait Versioned: Record + RowOwned + RowRead + Serialize + Clone + Send + Sync {
    /// The columns that tell one thing from another.
    const KEY: &'static [&'static str];

    /// The version, Unix ms.
    fn version(&self) -> i64;
    /// Makes this row the version `timestamp`.
    fn set_version(&mut self, timestamp: i64);
    /// Whether the thing is gone.
    fn is_deleted(&self) -> bool;
    /// Marks the thing as gone, or as there again.
    fn set_deleted(&mut self, deleted: bool);
    /// The key as text, its parts joined by commas.
    fn key(&self) -> String;
}

/// The newest version of everything that meets the conditions, what is deleted included: a thing that comes
/// back needs a version above that of its deletion.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn newest<T: Versioned>(db: &Clickhouse, conditions: &Conditions) -> Result<Vec<T>, StoreError> {
    let sql = format!("SELECT ?fields FROM `{}` FINAL", T::TABLE.name());
    db.rows(T::TABLE.name(), conditions.query(db, &sql)).await
}

/// Like [`newest`], without what is deleted.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn present<T: Versioned>(db: &Clickhouse, conditions: &Conditions) -> Result<Vec<T>, StoreError> {
    newest(db, &conditions.clone().and("flag_del = 0", [])).await
}

/// Now, Unix ms.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The version of a row that replaces one of version `old`: the clock, but always above.
pub fn next_version(now: i64, old: i64) -> i64 {
    now.max(old.saturating_add(1))
}

/// Declares the row type of a version-replaced table, without `timestamp` and `flag_del`, which all have:
/// `versioned_row! { Table::X, key(a, b); /// doc \n pub struct Row { /// doc \n pub a: u64, … } }`.
macro_rules! versioned_row {
    (
        $table:expr, key($($key:ident),+);
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, clickhouse::Row, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            /// Version: Unix ms, always above the row it replaces.
            pub timestamp: i64,
            /// 1 = deleted.
            pub flag_del: u8,
            $( $(#[$field_meta])* pub $field: $type ),+
        }

        impl $crate::rowbinary::Record for $name {
            const TABLE: $crate::Table = $table;
            const COLUMNS: &'static [$crate::rowbinary::Column] = &[
                $crate::rowbinary::Column { name: "timestamp", wire_type: "Int64" },
                $crate::rowbinary::Column { name: "flag_del", wire_type: "UInt8" },
                $( $crate::rowbinary::Column {
                    name: stringify!($field),
                    wire_type: <$type as $crate::rowbinary::Put>::TYPE,
                } ),+
            ];

            fn encode(&self, out: &mut Vec<u8>) {
                $crate::rowbinary::Put::put(&self.timestamp, out);
                $crate::rowbinary::Put::put(&self.flag_del, out);
                $( $crate::rowbinary::Put::put(&self.$field, out); )+
            }
        }

        impl $crate::Versioned for $name {
            const KEY: &'static [&'static str] = &[$(stringify!($key)),+];

            fn version(&self) -> i64 {
                self.timestamp
            }
            fn set_version(&mut self, timestamp: i64) {
                self.timestamp = timestamp;
            }
            fn is_deleted(&self) -> bool {
                self.flag_del != 0
            }
            fn set_deleted(&mut self, deleted: bool) {
                self.flag_del = u8::from(deleted);
            }
            fn key(&self) -> String {
                [$(self.$key.to_string()),+].join(",")
            }
        }
    };
}
pub(crate) use versioned_row;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_clock_but_always_above_the_one_it_replaces() {
        assert_eq!(next_version(100, 5), 100);
        assert_eq!(next_version(100, 100), 101);
        assert_eq!(next_version(100, 900), 901);
        assert_eq!(next_version(100, i64::MAX), i64::MAX);
    }
}
