//! What the database holds.

use anyhow::Context;
use serde_json::Value;

use super::{LATER, World};

impl World {
    /// The rows of a query, by column.
    pub(crate) async fn rows(&self, sql: &str) -> anyhow::Result<Vec<Value>> {
        let mut cursor = self
            .stack
            .clickhouse()
            .query_raw(sql)
            .fetch_bytes("JSONEachRow")?;
        let bytes = cursor.collect().await?;
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> anyhow::Result<u64> {
        let rows = self.rows(sql).await?;
        let columns = rows.first().and_then(Value::as_object);
        let value = columns.and_then(|columns| columns.values().next());
        value
            .and_then(Value::as_u64)
            .with_context(|| format!("{sql} gives {rows:?}"))
    }

    /// Waits until a query gives a number; at once an error if it gives a larger one.
    pub(crate) async fn until_number(&self, sql: &str, expected: u64) -> anyhow::Result<()> {
        let mut last = Ok(0);
        let waited = super::until(sql, LATER, async || {
            // A database that is just being restarted does not answer.
            last = self.number(sql).await;
            last.as_ref().is_ok_and(|number| *number >= expected)
        });
        let _ = waited.await;
        let last = last?;
        anyhow::ensure!(last == expected, "{sql} gives {last}, not {expected}");
        Ok(())
    }

    /// Waits until a query gives this many rows, and gives them.
    pub(crate) async fn until_rows(&self, sql: &str, count: usize) -> anyhow::Result<Vec<Value>> {
        let mut last = Ok(Vec::new());
        let waited = super::until(sql, LATER, async || {
            last = self.rows(sql).await;
            last.as_ref().is_ok_and(|rows| rows.len() >= count)
        });
        let _ = waited.await;
        let rows = last?;
        anyhow::ensure!(rows.len() == count, "{sql} gives not {count} rows: {rows:#?}");
        Ok(rows)
    }

    /// The device id under which a pile's data is stored.
    pub(crate) async fn device_id(&self, uuid: &str) -> anyhow::Result<u64> {
        let sql = format!("SELECT device_id FROM asset FINAL WHERE name = '{uuid}' AND flag_del = 0");
        let rows = self.until_rows(&sql, 1).await?;
        rows[0]["device_id"]
            .as_u64()
            .ok_or_else(|| anyhow::anyhow!("{sql} gives {rows:?}"))
    }
}
