//! `registration_allow_list`: the models and contracts that register without approval.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::{Clickhouse, StoreError, rowbinary::table_row};

table_row! {
    crate::Table::RegistrationAllowList;
    /// A version of one entry.
    pub struct RegistrationAllowList<'a> {
        /// Version: Unix ms, always above the row it replaces.
        pub timestamp: i64,
        /// 1 = deleted.
        pub flag_del: u8,
        /// Model; empty = any.
        pub model: &'a str,
        /// Contract number; empty = any.
        pub contract_num: &'a str,
        /// Remark.
        pub remark: &'a str,
    }
}

/// An entry as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct Entry {
    /// Version, Unix ms.
    pub timestamp: i64,
    /// Model; empty = any.
    pub model: String,
    /// Contract number; empty = any.
    pub contract_num: String,
    /// Remark.
    pub remark: String,
}

/// Every entry.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn load_all(db: &Clickhouse) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT timestamp, model, contract_num, remark FROM registration_allow_list FINAL \
               WHERE flag_del = 0 ORDER BY model, contract_num";
    db.rows("the allow-list", db.client().query(sql)).await
}

/// The newest version of one entry, also of a deleted one; 0 = there is none.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn version(db: &Clickhouse, model: &str, contract_num: &str) -> Result<i64, StoreError> {
    let sql = "SELECT max(timestamp) FROM registration_allow_list WHERE model = ? AND contract_num = ?";
    let found: Vec<i64> = db
        .rows(
            "the allow-list",
            db.client().query(sql).bind(model).bind(contract_num),
        )
        .await?;
    Ok(found.into_iter().next().unwrap_or(0))
}
