//! `uuid_ledger`: every uuid that was ever handed out. None is used twice, whatever became of its TCU.

use clickhouse::Row;
use serde::Deserialize;

use crate::{Clickhouse, StoreError, rowbinary::table_row};

table_row! {
    crate::Table::UuidLedger;
    /// A claim on one uuid.
    pub struct UuidLedger<'a> {
        /// When, Unix ms.
        pub timestamp: i64,
        /// The uuid.
        pub uuid: &'a str,
        /// For which factory serial number.
        pub sn: &'a str,
        /// A random mark: two claims on one uuid are a conflict, and neither is used.
        pub claim: u64,
        /// 注册, 修改uuid, 更换TCU, uuid重复.
        pub reason: &'a str,
    }
}

/// A uuid that is spoken for.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Claim {
    /// The uuid.
    pub uuid: String,
    /// The claim's mark; 0 where an asset or a pile that logged in holds the uuid without a claim.
    pub claim: u64,
}

/// Who holds any of these uuids: claims, and assets that never registered.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn taken(db: &Clickhouse, uuids: &[&str]) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT DISTINCT uuid, claim FROM uuid_ledger WHERE uuid IN ? \
               UNION ALL SELECT DISTINCT name AS uuid, toUInt64(0) AS claim FROM asset WHERE name IN ?";
    db.rows("the uuids in use", db.client().query(sql).bind(uuids).bind(uuids))
        .await
}

/// Only the claims on these uuids.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn claims(db: &Clickhouse, uuids: &[&str]) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT DISTINCT uuid, claim FROM uuid_ledger WHERE uuid IN ?";
    db.rows("the claims on uuids", db.client().query(sql).bind(uuids))
        .await
}

/// A claim for a serial number.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct ClaimFor {
    /// When, Unix ms.
    pub timestamp: i64,
    /// For which factory serial number.
    pub sn: String,
    /// The claim's mark.
    pub claim: u64,
}

/// The claims for these serial numbers, with this reason, from `since` on, Unix ms.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn recent_of(
    db: &Clickhouse,
    sns: &[&str],
    reason: &str,
    since: i64,
) -> Result<Vec<ClaimFor>, StoreError> {
    let sql = "SELECT DISTINCT timestamp, sn, claim FROM uuid_ledger WHERE timestamp >= ? AND reason = ? AND sn IN ?";
    let query = db.client().query(sql).bind(since).bind(reason).bind(sns);
    db.rows("the claims for serial numbers", query).await
}

/// The largest uuid known anywhere, as text; none if there is none. Eight capital letters sort as their
/// counter does, and names that are no uuid are passed over. So is what begins with `Z`: the counter is
/// 200 thousand million away from there, and one pile that somebody named `ZZZZZZZZ` must not put it at its end.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn largest(db: &Clickhouse) -> Result<Option<String>, StoreError> {
    let sql = "SELECT max(uuid) FROM (SELECT uuid FROM uuid_ledger \
               UNION ALL SELECT uuid FROM registration \
               UNION ALL SELECT name AS uuid FROM asset) WHERE match(uuid, '^[A-Y][A-Z]{7}$')";
    let found: Vec<String> = db.rows("the largest uuid", db.client().query(sql)).await?;
    Ok(found.into_iter().next().filter(|uuid| !uuid.is_empty()))
}
