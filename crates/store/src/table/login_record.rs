//! `login_record`: a pile introduced itself (登录).

use clickhouse::{Row, query::RowCursor};
use serde::Deserialize;

use crate::{Clickhouse, StoreError, rowbinary::table_row};

table_row! {
    crate::Table::LoginRecord;
    /// One login.
    pub struct LoginRecord<'a> {
        /// Ordering time, Unix ms: `pile_time`, or `recv_time` where the pile's clock is skewed.
        pub timestamp: i64,
        /// 系统时间, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// The pile.
        pub device_id: u64,
        /// The uuid with which it spoke.
        pub uuid: &'a str,
        /// The message's reqid.
        pub reqid: u32,
        /// 软件版本.
        pub software_version: &'a str,
        /// 硬件版本.
        pub hardware_version: &'a str,
        /// 型号.
        pub model: &'a str,
        /// 出厂编号.
        pub sn: &'a str,
        /// 枪数量.
        pub gun_count: u8,
        /// SIM卡号 (ICCID).
        pub sim: &'a str,
        /// 运营商.
        pub mvno: &'a str,
        /// 信号强度, dBm.
        pub signal_dbm: Option<i16>,
    }
}

/// What tells who logged in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Row, Deserialize)]
pub struct Login {
    /// Ordering time, Unix ms.
    pub timestamp: i64,
    /// 系统时间, Unix ms; 0 = absent.
    pub pile_time: i64,
    /// When the platform received it, Unix ms.
    pub recv_time: i64,
    /// The pile.
    pub device_id: u64,
    /// The uuid with which it spoke.
    pub uuid: String,
    /// The message's reqid.
    pub reqid: u32,
    /// 型号.
    pub model: String,
    /// 出厂编号.
    pub sn: String,
    /// SIM卡号 (ICCID).
    pub sim: String,
}

/// Logins read one by one: after a storm there are 200,000 of them.
pub struct Logins(RowCursor<Login>);

impl Logins {
    /// The next one; none at the end.
    ///
    /// # Errors
    /// [`StoreError::Query`].
    pub async fn next(&mut self) -> Result<Option<Login>, StoreError> {
        self.0.next().await.map_err(failed)
    }
}

/// A row's ordering time is the pile's clock, which is at most this far from the time of receipt, ms.
const MOST_SKEW_MS: i64 = 86_400_000;

/// The logins that were received from `since` on, Unix ms, in the order of receipt.
///
/// # Errors
/// [`StoreError::Query`].
pub fn received_since(db: &Clickhouse, since: i64) -> Result<Logins, StoreError> {
    // The condition on `timestamp` leaves out the months before.
    let sql = "SELECT timestamp, pile_time, recv_time, device_id, uuid, reqid, model, sn, sim FROM login_record \
               WHERE recv_time >= ? AND timestamp >= ? ORDER BY recv_time, device_id, reqid";
    db.client()
        .query(sql)
        .bind(since)
        .bind(since.saturating_sub(MOST_SKEW_MS))
        .fetch()
        .map(Logins)
        .map_err(failed)
}

/// The first login, since `since`, of every registration that waits for its first one.
///
/// # Errors
/// [`StoreError::Query`].
pub fn first_of_waiting(db: &Clickhouse, since: i64) -> Result<Logins, StoreError> {
    let sql = "SELECT min(timestamp) AS timestamp, min(pile_time) AS pile_time, min(l.recv_time) AS recv_time, \
               argMin(l.device_id, l.recv_time) AS device_id, l.uuid AS uuid, min(l.reqid) AS reqid, \
               argMax(toString(l.model), l.recv_time) AS model, r.sn AS sn, argMax(l.sim, l.recv_time) AS sim \
               FROM login_record AS l INNER JOIN (\
                   SELECT sn, uuid FROM registration FINAL \
                   WHERE flag_del = 0 AND uuid != '' AND login_time = 0 AND state IN ('已注册', '在役')\
               ) AS r ON l.uuid = r.uuid \
               WHERE l.recv_time >= ? AND l.timestamp >= ? AND (l.sn = r.sn OR l.sn = '') \
               GROUP BY l.uuid, r.sn";
    db.client()
        .query(sql)
        .bind(since)
        .bind(since.saturating_sub(MOST_SKEW_MS))
        .fetch()
        .map(Logins)
        .map_err(failed)
}

fn failed(source: clickhouse::error::Error) -> StoreError {
    StoreError::Query {
        what: "the logins",
        source,
    }
}
