//! `open_access_daily`: who was let in without a password while the door was open. Rows of one key are added up.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::traffic_daily::Day;
use crate::{Clickhouse, StoreError, rowbinary::table_row};

table_row! {
    crate::Table::OpenAccessDaily;
    /// An increment.
    pub struct OpenAccessDaily<'a> {
        /// Shanghai's day.
        pub day: Day,
        /// The uuid that was let in.
        pub uuid: &'a str,
        /// The client id it used.
        pub client_id: &'a str,
        /// The address it came from.
        pub address: &'a str,
        /// Connections since the last increment.
        pub connections: u64,
    }
}

/// Who came in without a password on one day.
#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct Access {
    /// Shanghai's day, `YYYY-MM-DD`.
    pub day: String,
    /// The uuid that was let in.
    pub uuid: String,
    /// The client id it used.
    pub client_id: String,
    /// The address it came from.
    pub address: String,
    /// How often it connected.
    pub connections: u64,
}

/// One page, the newest day first, and how many there are in all. An empty `day` or `uuid` does not limit.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn page(
    db: &Clickhouse,
    day: &str,
    uuid: &str,
    limit: u64,
    offset: u64,
) -> Result<(u64, Vec<Access>), StoreError> {
    const GROUPED: &str = "FROM open_access_daily WHERE (? = '' OR toString(day) = ?) AND (? = '' OR uuid = ?) \
        GROUP BY day, uuid, client_id, address";
    let bound = |sql: &str| db.client().query(sql).bind(day).bind(day).bind(uuid).bind(uuid);
    let count = format!("SELECT count() FROM (SELECT 1 {GROUPED})");
    let total: Vec<u64> = db.rows("the open accesses", bound(&count)).await?;
    let select = format!(
        "SELECT day_text AS day, uuid, client_id, address, total AS connections FROM (\
             SELECT toString(day) AS day_text, uuid, client_id, address, sum(connections) AS total {GROUPED}\
         ) ORDER BY day_text DESC, total DESC, uuid, client_id, address LIMIT ? OFFSET ?"
    );
    let items = db
        .rows("the open accesses", bound(&select).bind(limit).bind(offset))
        .await?;
    Ok((total.first().copied().unwrap_or(0), items))
}
