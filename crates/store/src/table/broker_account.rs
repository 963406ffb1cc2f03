//! `broker_account`: the broker's accounts that are not piles: platform services, engineers, staff.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::{Clickhouse, StoreError, rowbinary::table_row};

table_row! {
    crate::Table::BrokerAccount;
    /// A version of one account.
    pub struct BrokerAccount<'a> {
        /// Version: Unix ms, always above the row it replaces.
        pub timestamp: i64,
        /// 1 = deleted.
        pub flag_del: u8,
        /// The account; the key.
        pub username: &'a str,
        /// ops_tcu, register, connector, webserver, engineer, staff, operator.
        pub role: &'a str,
        /// Hash of its password.
        pub credential: &'a str,
        /// Whose it is.
        pub remark: &'a str,
    }
}

/// An account as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the columns are documented on `BrokerAccount`")]
pub struct Stored {
    pub timestamp: i64,
    pub flag_del: u8,
    pub username: String,
    pub role: String,
    pub credential: String,
    pub remark: String,
}

/// Every account with a version of at least `timestamp`, the deleted ones too; 0 reads them all.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn changed_since(db: &Clickhouse, timestamp: i64) -> Result<Vec<Stored>, StoreError> {
    let sql = "SELECT timestamp, flag_del, username, role, credential, remark FROM broker_account FINAL \
               WHERE timestamp >= ? ORDER BY username";
    db.rows("the broker's accounts", db.client().query(sql).bind(timestamp))
        .await
}

/// The account of this name, also a deleted one.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn by_username(db: &Clickhouse, username: &str) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT timestamp, flag_del, username, role, credential, remark FROM broker_account FINAL \
               WHERE username = ?";
    let found: Vec<Stored> = db
        .rows("the broker's accounts", db.client().query(sql).bind(username))
        .await?;
    Ok(found.into_iter().next())
}
