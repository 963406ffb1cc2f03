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

const COLUMNS: &str = "timestamp, flag_del, device_id, dt_id, name";

/// Every asset that has a name and is not deleted.
///
/// # Errors
/// [`StoreError::Query`].
pub fn load_all(db: &Clickhouse) -> Result<AssetNames, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM asset FINAL WHERE flag_del = 0 AND name != ''");
    db.client()
        .query_raw(&sql)
        .fetch()
        .map(AssetNames)
        .map_err(query_failed)
}

/// Assets with a version above `timestamp`, the deleted ones too.
///
/// # Errors
/// [`StoreError::Query`].
pub fn changed_since(db: &Clickhouse, timestamp: i64) -> Result<AssetNames, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM asset FINAL WHERE timestamp > ? AND name != ''");
    db.client()
        .query(&sql)
        .bind(timestamp)
        .fetch()
        .map(AssetNames)
        .map_err(query_failed)
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
