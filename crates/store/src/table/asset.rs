//! `asset`: one pile as owned equipment. A row is a version; the newest `timestamp` counts.

use clickhouse::{Row, query::RowCursor};
use serde::Deserialize;

use crate::{Clickhouse, StoreError, rowbinary::table_row, versioned::versioned_row};

table_row! {
    crate::Table::Asset;
    /// A version of one pile's asset.
    pub struct Asset<'a> {
        /// Version: Unix ms, always above the row it replaces.
        pub timestamp: i64,
        /// 1 = deleted.
        pub flag_del: u8,
        /// The pile; the key.
        pub device_id: u64,
        /// Its station; 0 until one is given.
        pub sta_id: u64,
        /// Device type; 0 = unknown.
        pub dt_id: u64,
        /// Model.
        pub model: &'a str,
        /// Contract number.
        pub contract_num: &'a str,
        /// Unix ms; 0 = unknown.
        pub manufacture_date: i64,
        /// Mobile operator of the SIM.
        pub mvno: &'a str,
        /// The operator's code.
        pub mvno_code: &'a str,
        /// ICCID.
        pub sim: &'a str,
        /// 待接入 for an adopted pile, 待审核, 已审核, …
        pub audit_status: &'a str,
        /// Maintenance status.
        pub maintecance_status: &'a str,
        /// Guarantee period, as people write it.
        pub guarantee_period: &'a str,
        /// Unix ms; 0 = unknown.
        pub guarantee_start: i64,
        /// Unix ms; 0 = unknown.
        pub guarantee_end: i64,
        /// Who maintains it.
        pub maintecance_organization: &'a str,
        /// The person responsible.
        pub responsible: &'a str,
        /// How to reach that person.
        pub contact_information: &'a str,
        /// The uuid with which the pile speaks.
        pub name: &'a str,
        /// The pile's name for people.
        pub ass_name: &'a str,
        /// Unix ms; 0 = not in service yet.
        pub commissioning_date: i64,
    }
}

versioned_row! {
    crate::Table::Asset, key(device_id);
    /// The same version, owned: for services that change assets.
    #[derive(Eq)]
    pub struct AssetVersion {
        /// The pile; the key.
        pub device_id: u64,
        /// Its station; 0 until one is given.
        pub sta_id: u64,
        /// Device type; 0 = unknown.
        pub dt_id: u64,
        /// Model.
        pub model: String,
        /// Contract number.
        pub contract_num: String,
        /// Unix ms; 0 = unknown.
        pub manufacture_date: i64,
        /// Mobile operator of the SIM.
        pub mvno: String,
        /// The operator's code.
        pub mvno_code: String,
        /// ICCID.
        pub sim: String,
        /// 待接入 for an adopted pile, 待审核, 已审核, …
        pub audit_status: String,
        /// Maintenance status.
        pub maintecance_status: String,
        /// Guarantee period, as people write it.
        pub guarantee_period: String,
        /// Unix ms; 0 = unknown.
        pub guarantee_start: i64,
        /// Unix ms; 0 = unknown.
        pub guarantee_end: i64,
        /// Who maintains it.
        pub maintecance_organization: String,
        /// The person responsible.
        pub responsible: String,
        /// How to reach that person.
        pub contact_information: String,
        /// The uuid with which the pile speaks.
        pub name: String,
        /// The pile's name for people.
        pub ass_name: String,
        /// Unix ms; 0 = not in service yet.
        pub commissioning_date: i64,
    }
}

/// What stands in an adopted asset's `audit_status` until staff have reviewed it.
pub const ADOPTED: &str = "待接入";

/// Which pile speaks under a name: what ops_tcu needs of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct AssetName {
    /// The version of the asset.
    pub timestamp: i64,
    /// 1 = deleted: its name no longer stands for a pile.
    pub flag_del: u8,
    /// The pile.
    pub device_id: u64,
    /// Device type; 0 = unknown.
    pub dt_id: u64,
    /// 1 = adopted and not reviewed yet.
    pub adopted: u8,
    /// The uuid.
    pub name: String,
}

/// Assets read one by one: 200,000 of them are never in memory at once.
pub struct AssetNames(RowCursor<AssetName>);

impl AssetNames {
    /// The next one; none at the end.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn next(&mut self) -> Result<Option<AssetName>, StoreError> {
        self.0.next().await.map_err(query_failed)
    }
}

fn query_failed(source: clickhouse::error::Error) -> StoreError {
    StoreError::Query {
        what: "the assets",
        source,
    }
}

const COLUMNS: &str = "timestamp, flag_del, device_id, dt_id, audit_status = '待接入' AS adopted, name";

/// Every asset's newest version, the deleted ones and those without a name too.
///
/// # Errors
/// [`StoreError::Query`].
pub fn load_all(db: &Clickhouse) -> Result<AssetNames, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM asset FINAL");
    db.client()
        .query_raw(&sql)
        .fetch()
        .map(AssetNames)
        .map_err(query_failed)
}

/// Parts into which assets are divided by a hash of their id.
const BUCKETS: usize = 256;

/// A checksum of the newest versions in each part: what has changed since an earlier one, however far its version is
/// dated back, is in the parts that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests([u64; BUCKETS]);

impl Default for Digests {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Digests {
    /// The parts that differ, for [`in_buckets`].
    pub fn changed_since(&self, earlier: &Self) -> Vec<u8> {
        let pairs = self.0.iter().zip(&earlier.0).enumerate();
        // There are as many parts as a byte has values.
        pairs
            .filter(|(_, (now, before))| now != before)
            .map(|(bucket, _)| bucket as u8)
            .collect()
    }
}

#[derive(Row, Deserialize)]
struct Digest {
    bucket: u8,
    digest: u64,
}

/// Today's checksums: a few hundred numbers, however large the fleet.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn digests(db: &Clickhouse) -> Result<Digests, StoreError> {
    let sql = "SELECT toUInt8(intHash64(device_id) % 256) AS bucket, \
               sum(sipHash64(device_id, timestamp, flag_del, dt_id, audit_status = '待接入', name)) AS digest \
               FROM asset FINAL GROUP BY bucket";
    let rows: Vec<Digest> = db
        .rows("the assets' checksums", db.client().query_raw(sql))
        .await?;
    let mut digests = Digests::default();
    for row in rows {
        digests.0[usize::from(row.bucket)] = row.digest;
    }
    Ok(digests)
}

/// The newest versions in these parts, the deleted ones and those without a name too.
///
/// # Errors
/// [`StoreError::Query`].
pub fn in_buckets(db: &Clickhouse, buckets: &[u8]) -> Result<AssetNames, StoreError> {
    let buckets: Vec<u64> = buckets.iter().map(|bucket| u64::from(*bucket)).collect();
    let sql = format!("SELECT {COLUMNS} FROM asset FINAL WHERE intHash64(device_id) % 256 IN ?");
    db.client()
        .query(&sql)
        .bind(buckets)
        .fetch()
        .map(AssetNames)
        .map_err(query_failed)
}

/// The newest rows of these piles, and of every pile with one of these names; deleted ones are left out.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn whole(
    db: &Clickhouse,
    device_ids: &[u64],
    names: &[&str],
) -> Result<Vec<AssetVersion>, StoreError> {
    let select = "SELECT ?fields FROM asset FINAL WHERE flag_del = 0";
    if names.is_empty() {
        let sql = format!("{select} AND device_id IN ?");
        return db
            .rows("the assets", db.client().query(&sql).bind(device_ids))
            .await;
    }
    // The name is looked up among all versions first: FINAL over every asset would read them all whole.
    let sql = format!(
        "{select} AND (device_id IN ? OR name IN ?) \
         AND device_id IN (SELECT device_id FROM asset WHERE device_id IN ? OR name IN ?)"
    );
    let query = db.client().query(&sql);
    let query = query.bind(device_ids).bind(names).bind(device_ids).bind(names);
    db.rows("the assets", query).await
}

/// Those of these names that stand for a pile.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn named(db: &Clickhouse, names: &[&str]) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name FROM asset FINAL WHERE flag_del = 0 AND name IN ?";
    db.rows("the assets", db.client().query(sql).bind(names)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    #[test]
    fn both_row_types_are_encoded_alike() {
        assert_eq!(<Asset<'_> as Record>::COLUMNS, <AssetVersion as Record>::COLUMNS);
    }
}
