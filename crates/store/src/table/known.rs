//! Finding events that a table already holds, for tables whose key begins with `timestamp`.
//!
//! A row's `timestamp` is its pile's own time unless that clock was skewed when the row came; the same event
//! may come once either way. So one half of the query reads points of the primary key, the other the few
//! rows marked `clock_skew`, by the very expression of the index `skewed`. The caller compares the whole identity.

use std::collections::BTreeSet;

use clickhouse::query::Query;

use crate::{Clickhouse, Table};

/// Events per query: keeps the lists, and what a query holds in memory, small.
pub(super) const PER_QUERY: usize = 1000;

/// Reads `fields` of the rows that share a pile time with one of `keys` (pile time, pile).
pub(super) fn query(
    db: &Clickhouse,
    table: Table,
    fields: &str,
    keys: impl Iterator<Item = (i64, u64)>,
) -> Query {
    // 0 is 'the pile gave no time': no identity.
    let (times, piles): (BTreeSet<i64>, BTreeSet<u64>) = keys.filter(|(time, _)| *time != 0).unzip();
    let (times, piles) = (Vec::from_iter(times), Vec::from_iter(piles));
    let table = table.name();
    let sql = format!(
        "SELECT {fields} FROM {table} WHERE timestamp IN ? AND clock_skew = 0 AND device_id IN ? \
         UNION ALL \
         SELECT {fields} FROM {table} WHERE if(clock_skew = 1, pile_time, 0) IN ? AND device_id IN ?"
    );
    db.client()
        .query(&sql)
        .bind(&times)
        .bind(&piles)
        .bind(&times)
        .bind(&piles)
}
