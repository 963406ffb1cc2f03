//! `registration`: one TCU by its factory serial number, and what it may do. A row is a version; the newest
//! `timestamp` counts.

use clickhouse::{Row, query::RowCursor};
use serde::{Deserialize, Serialize};

use crate::{Clickhouse, StoreError, rowbinary::table_row};

table_row! {
    crate::Table::Registration;
    /// A version of one TCU's registration.
    pub struct Registration<'a> {
        /// Version: Unix ms, always above the row it replaces.
        pub timestamp: i64,
        /// 1 = deleted.
        pub flag_del: u8,
        /// Factory serial number; the key.
        pub sn: &'a str,
        /// The uuid; empty = none yet.
        pub uuid: &'a str,
        /// The uuid before a change; empty = none.
        pub former_uuid: &'a str,
        /// 待审核, 已拒绝, 已注册, 在役, 已停用, 已退役, 已释放.
        pub state: &'a str,
        /// Model, as the TCU said.
        pub model: &'a str,
        /// Contract number, as the TCU said.
        pub contract_num: &'a str,
        /// Software version, as the TCU said.
        pub software_version: &'a str,
        /// ICCID, as the TCU said.
        pub sim: &'a str,
        /// The pile; 0 = not seen yet.
        pub device_id: u64,
        /// Account at the broker.
        pub username: &'a str,
        /// Hash of its password; empty = none.
        pub credential: &'a str,
        /// When the password was handed out, Unix ms.
        pub credential_time: i64,
        /// When the TCU last asked, Unix ms.
        pub request_time: i64,
        /// First login under this uuid, Unix ms; 0 = not yet.
        pub login_time: i64,
        /// Who decided; empty = by rule.
        pub decided_by: &'a str,
        /// Reason of the last decision.
        pub reason: &'a str,
    }
}

/// A registration as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the columns are documented on `Registration`")]
pub struct Stored {
    pub timestamp: i64,
    pub sn: String,
    pub uuid: String,
    pub former_uuid: String,
    pub state: String,
    pub model: String,
    pub contract_num: String,
    pub software_version: String,
    pub sim: String,
    pub device_id: u64,
    pub username: String,
    pub credential: String,
    pub credential_time: i64,
    pub request_time: i64,
    pub login_time: i64,
    pub decided_by: String,
    pub reason: String,
}

const COLUMNS: &str = "timestamp, sn, uuid, former_uuid, state, model, contract_num, software_version, sim, \
    device_id, username, credential, credential_time, request_time, login_time, decided_by, reason";

/// The registrations of these serial numbers.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn by_sn(db: &Clickhouse, sns: &[&str]) -> Result<Vec<Stored>, StoreError> {
    matching(db, "sn IN ?", sns).await
}

/// The registrations that hold these uuids, now or until a change is carried out.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn by_uuid(db: &Clickhouse, uuids: &[&str]) -> Result<Vec<Stored>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM registration FINAL WHERE flag_del = 0 AND (uuid IN ? OR former_uuid IN ?)"
    );
    let query = db.client().query(&sql).bind(uuids).bind(uuids);
    db.rows("the registrations", query).await
}

/// The registrations with these accounts.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn by_username(db: &Clickhouse, usernames: &[&str]) -> Result<Vec<Stored>, StoreError> {
    matching(db, "username IN ?", usernames).await
}

/// `condition` has one placeholder, for `values`.
async fn matching(db: &Clickhouse, condition: &str, values: &[&str]) -> Result<Vec<Stored>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM registration FINAL WHERE flag_del = 0 AND {condition}");
    db.rows("the registrations", db.client().query(&sql).bind(values))
        .await
}

/// Registrations read one by one: 200,000 of them are not wanted in memory twice.
pub struct Registrations(RowCursor<Stored>);

impl Registrations {
    /// The next one; none at the end.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn next(&mut self) -> Result<Option<Stored>, StoreError> {
        self.0.next().await.map_err(failed)
    }
}

/// Every registration with a version of at least `timestamp`; 0 reads them all.
///
/// # Errors
/// [`StoreError::Query`].
pub fn changed_since(db: &Clickhouse, timestamp: i64) -> Result<Registrations, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM registration FINAL WHERE flag_del = 0 AND timestamp >= ?");
    db.client()
        .query(&sql)
        .bind(timestamp)
        .fetch()
        .map(Registrations)
        .map_err(failed)
}

/// Versions of registrations from `timestamp` on. Several of one TCU may come, in any order: the highest counts.
/// Without FINAL, which would read and merge every column of the table each second.
///
/// # Errors
/// [`StoreError::Query`].
pub fn versions_since(db: &Clickhouse, timestamp: i64) -> Result<Registrations, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM registration WHERE flag_del = 0 AND timestamp >= ?");
    db.client()
        .query(&sql)
        .bind(timestamp)
        .fetch()
        .map(Registrations)
        .map_err(failed)
}

/// The newest version of a TCU.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Newest {
    /// Factory serial number.
    pub sn: String,
    /// Version, Unix ms.
    pub timestamp: i64,
}

/// The newest versions of the TCUs that have, or once had, one of these names as account, or (`or_uuid`) as uuid.
/// Reads narrow columns only: most of those who ask have the wrong password, and nothing new is to be read.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn newest_of_names(
    db: &Clickhouse,
    names: &[&str],
    or_uuid: bool,
) -> Result<Vec<Newest>, StoreError> {
    let named = match or_uuid {
        true => "username IN ? OR uuid IN ? OR former_uuid IN ?",
        false => "username IN ?",
    };
    let sql = format!(
        "SELECT sn, max(timestamp) AS timestamp FROM registration WHERE sn IN \
         (SELECT sn FROM registration WHERE {named}) GROUP BY sn"
    );
    let query = db.client().query(&sql).bind(names);
    let query = if or_uuid {
        query.bind(names).bind(names)
    } else {
        query
    };
    db.rows("the registrations", query).await
}

/// How many registrations are in this state.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn count_in_state(db: &Clickhouse, state: &str) -> Result<u64, StoreError> {
    let sql = "SELECT count() FROM registration FINAL WHERE flag_del = 0 AND state = ?";
    let counts: Vec<u64> = db
        .rows("the registrations", db.client().query(sql).bind(state))
        .await?;
    Ok(counts.first().copied().unwrap_or(0))
}

fn failed(source: clickhouse::error::Error) -> StoreError {
    StoreError::Query {
        what: "the registrations",
        source,
    }
}

/// What a list of registrations is limited to; empty texts do not limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// The state.
    pub state: &'a str,
    /// Part of the serial number.
    pub sn: &'a str,
    /// The uuid, now or until a change is carried out.
    pub uuid: &'a str,
    /// The model.
    pub model: &'a str,
    /// The contract number.
    pub contract_num: &'a str,
}

/// One page of the registrations, those that asked last first, and how many there are in all.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn page(
    db: &Clickhouse,
    filter: &Filter<'_>,
    limit: u64,
    offset: u64,
) -> Result<(u64, Vec<Stored>), StoreError> {
    const CONDITION: &str = "flag_del = 0 AND (? = '' OR state = ?) AND (? = '' OR position(sn, ?) > 0) \
        AND (? = '' OR uuid = ? OR former_uuid = ?) AND (? = '' OR model = ?) AND (? = '' OR contract_num = ?)";
    let bound = |sql: &str| {
        let Filter {
            state,
            sn,
            uuid,
            model,
            contract_num,
        } = *filter;
        let query = db.client().query(sql).bind(state).bind(state).bind(sn).bind(sn);
        let query = query.bind(uuid).bind(uuid).bind(uuid).bind(model).bind(model);
        query.bind(contract_num).bind(contract_num)
    };
    let count = format!("SELECT count() FROM registration FINAL WHERE {CONDITION}");
    let total: Vec<u64> = db.rows("the registrations", bound(&count)).await?;
    let select = format!(
        "SELECT {COLUMNS} FROM registration FINAL WHERE {CONDITION} \
         ORDER BY request_time DESC, sn LIMIT ? OFFSET ?"
    );
    let items = db
        .rows("the registrations", bound(&select).bind(limit).bind(offset))
        .await?;
    Ok((total.first().copied().unwrap_or(0), items))
}

/// A registration that does not agree with the assets: its pile's has another name, or another one has its name. An
/// operation was cut short between the two tables, or `ops_tcu` adopted a uuid before it heard whose it is. One whose
/// uuid is being changed is left out: until its TCU logs in, the asset keeps the former name.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Misnamed {
    /// Factory serial number.
    pub sn: String,
    /// The name that the asset should have.
    pub uuid: String,
    /// The pile.
    pub device_id: u64,
}

/// Every such registration.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn misnamed(db: &Clickhouse) -> Result<Vec<Misnamed>, StoreError> {
    let sql = "WITH r AS (SELECT sn, uuid, device_id FROM registration FINAL WHERE flag_del = 0 \
                   AND device_id != 0 AND uuid != '' AND former_uuid = '' AND state IN ('已注册', '在役', '已停用')), \
               a AS (SELECT device_id, name FROM asset FINAL WHERE flag_del = 0 AND name != '') \
               SELECT DISTINCT sn, uuid, device_id FROM (\
                   SELECT r.sn AS sn, r.uuid AS uuid, r.device_id AS device_id \
                   FROM r INNER JOIN a ON a.device_id = r.device_id WHERE a.name != r.uuid \
                   UNION ALL SELECT r.sn AS sn, r.uuid AS uuid, r.device_id AS device_id \
                   FROM r INNER JOIN a ON a.name = r.uuid WHERE a.device_id != r.device_id)";
    db.rows("the misnamed assets", db.client().query(sql)).await
}
