//! `command_record`: a downlink command and what became of it. A row is a version; the newest `timestamp`
//! counts.

use clickhouse::Row;
use serde::Deserialize;

use crate::rowbinary::{Put, columns_of, integer, position, table_row, text};
use crate::{Clickhouse, StoreError, Table};

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(i8)]
pub enum State {
    /// Waiting for the pile, or for its turn.
    #[default]
    Queued = 1,
    /// Handed to the broker.
    Sent = 2,
    /// The pile said 成功.
    Answered = 3,
    /// The pile said 失败.
    Failed = 4,
    /// No answer before the deadline.
    TimedOut = 5,
    /// Withdrawn before an answer.
    Cancelled = 6,
}

impl State {
    /// The state of a stored number.
    pub const fn from_number(number: i8) -> Option<Self> {
        Some(match number {
            1 => Self::Queued,
            2 => Self::Sent,
            3 => Self::Answered,
            4 => Self::Failed,
            5 => Self::TimedOut,
            6 => Self::Cancelled,
            _ => return None,
        })
    }

    /// Whether nothing follows any more.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Sent)
    }

    /// As it stands on the wire and in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Put for State {
    const TYPE: &'static str = "Enum8('queued' = 1, 'sent' = 2, 'answered' = 3, 'failed' = 4, 'timed_out' = 5, \
         'cancelled' = 6)";
    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        (*self as i8).put(out);
    }
}

table_row! {
    crate::Table::CommandRecord;
    /// A version of one command. Identity: pile, `created_time`, reqid (which alone wraps). An answer to a
    /// reqid that the platform did not issue is a row of its own, with `source` `外部`.
    pub struct CommandRecord<'a> {
        /// Version: Unix ms, always above the version it replaces.
        pub timestamp: i64,
        /// The pile.
        pub device_id: u64,
        /// When it was asked for, Unix ms.
        pub created_time: i64,
        /// The command's reqid.
        pub reqid: u32,
        /// 命令.
        pub command: &'a str,
        /// Where it stands.
        pub state: State,
        /// Who asked: a service, a user, or 外部 (published by hand).
        pub source: &'a str,
        /// When the broker took it, Unix ms; 0 = not yet.
        pub sent_time: i64,
        /// When the answer came, Unix ms; 0 = none.
        pub answered_time: i64,
        /// Until when an answer counts, Unix ms; 0 = no deadline.
        pub deadline: i64,
        /// 结果.
        pub result: &'a str,
        /// 失败原因.
        pub reason: &'a str,
        /// Percent of a 下载进度; 0 where the command has none.
        pub progress: u8,
        /// The command as sent, JSON, passwords struck out.
        pub request: &'a str,
        /// The answer as received, JSON.
        pub answer: &'a str,
        /// 请求标识, the mark of whoever asked; empty for none. With the pile it finds the command.
        pub caller: &'a str,
        /// How often it was published to the pile.
        pub attempts: u8,
        /// The node of the ops_tcu that delivers it.
        pub node: u8,
    }
}

/// A version of a command read back, with what is needed to go on with it.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Kept {
    /// See [`CommandRecord::timestamp`].
    pub timestamp: i64,
    /// See [`CommandRecord::device_id`].
    pub device_id: u64,
    /// See [`CommandRecord::created_time`].
    pub created_time: i64,
    /// See [`CommandRecord::reqid`].
    pub reqid: u32,
    /// See [`CommandRecord::command`].
    pub command: String,
    /// [`State`] as its number.
    pub state: i8,
    /// See [`CommandRecord::source`].
    pub source: String,
    /// See [`CommandRecord::sent_time`].
    pub sent_time: i64,
    /// See [`CommandRecord::answered_time`].
    pub answered_time: i64,
    /// See [`CommandRecord::deadline`]; 0 for a row that is no command of ours.
    pub deadline: i64,
    /// See [`CommandRecord::result`].
    pub result: String,
    /// See [`CommandRecord::reason`].
    pub reason: String,
    /// See [`CommandRecord::progress`].
    pub progress: u8,
    /// See [`CommandRecord::request`].
    pub request: String,
    /// See [`CommandRecord::answer`]; empty if it is longer than [`KEPT_ANSWER`] bytes.
    pub answer: String,
    /// See [`CommandRecord::caller`].
    pub caller: String,
    /// See [`CommandRecord::attempts`].
    pub attempts: u8,
    /// See [`CommandRecord::node`].
    pub node: u8,
}

/// The longest answer that is read back, bytes.
pub const KEPT_ANSWER: usize = 4096;
/// The longest time that a command may stay open, ms: its deadline is at most 30 days away.
pub const LONGEST_OPEN: i64 = 31 * 86_400_000;

const COLUMNS: &str = "timestamp, device_id, created_time, reqid, toString(command) AS command, \
     toInt8(state) AS state, toString(source) AS source, sent_time, answered_time, deadline, \
     toString(result) AS result, reason, progress, request, \
     if(length(answer) > 4096, '', answer) AS answer, caller, attempts, node";

/// Whole rows are read only of the commands that a first look, at narrow columns, has found.
fn read(wanted: &str, order: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM command_record FINAL \
         WHERE created_time >= ? AND deadline > 0 AND (device_id, created_time, reqid) IN (\
             SELECT device_id, created_time, reqid FROM command_record FINAL \
             WHERE created_time >= ? AND deadline > 0 AND {wanted}\
         ) ORDER BY {order}"
    )
}

/// The commands that have not ended: those of ops_tcu number `node`, and those of others whose deadline was before
/// `abandoned`, Unix ms.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn open(db: &Clickhouse, node: u8, now: i64, abandoned: i64) -> Result<Vec<Kept>, StoreError> {
    let wanted = "state IN ('queued', 'sent') AND (node = ? OR deadline < ?)";
    let sql = read(wanted, "device_id, created_time, reqid");
    let since = now - LONGEST_OPEN;
    let query = db.client().query(&sql).bind(since).bind(since);
    db.rows("the open commands", query.bind(node).bind(abandoned))
        .await
}

/// The commands that ended from `since` on, Unix ms: the latest `limit` of them.
///
/// # Errors
/// [`StoreError::Query`].
pub async fn ended(db: &Clickhouse, since: i64, limit: u64) -> Result<Vec<Kept>, StoreError> {
    let wanted = "state NOT IN ('queued', 'sent') AND timestamp >= ? ORDER BY timestamp DESC LIMIT ?";
    let sql = read(wanted, "timestamp DESC");
    let created = since - LONGEST_OPEN;
    let query = db.client().query(&sql).bind(created).bind(created);
    db.rows("the commands that ended lately", query.bind(since).bind(limit))
        .await
}

impl Kept {
    /// Reads an encoded [`CommandRecord`]; none if the bytes are no such row.
    pub fn read(row: &[u8]) -> Option<Self> {
        let columns = Table::CommandRecord.columns();
        let places = columns_of(columns, row)?;
        let value = |name: &str| &row[places[position(columns, name)].clone()];
        let number = |name: &str| integer(value(name));
        let answer = text(value("answer"));
        Some(Self {
            timestamp: number("timestamp"),
            device_id: number("device_id") as u64,
            created_time: number("created_time"),
            reqid: number("reqid") as u32,
            command: text(value("command")),
            state: number("state") as i8,
            source: text(value("source")),
            sent_time: number("sent_time"),
            answered_time: number("answered_time"),
            deadline: number("deadline"),
            result: text(value("result")),
            reason: text(value("reason")),
            progress: number("progress") as u8,
            request: text(value("request")),
            answer: if answer.len() > KEPT_ANSWER {
                String::new()
            } else {
                answer
            },
            caller: text(value("caller")),
            attempts: number("attempts") as u8,
            node: number("node") as u8,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    #[test]
    fn a_row_of_the_log_is_read_back() {
        let row = CommandRecord {
            timestamp: 9,
            device_id: u64::MAX,
            reqid: u32::MAX,
            command: "重启",
            state: State::Cancelled,
            caller: "b7-7",
            attempts: 2,
            node: 14,
            answer: "{}",
            ..CommandRecord::default()
        };
        let mut bytes = Vec::new();
        row.encode(&mut bytes);
        let kept = Kept::read(&bytes).unwrap();
        assert_eq!((kept.device_id, kept.reqid, kept.node), (u64::MAX, u32::MAX, 14));
        assert_eq!((kept.caller.as_str(), kept.command.as_str()), ("b7-7", "重启"));
        assert_eq!(State::from_number(kept.state), Some(State::Cancelled));
        assert_eq!(Kept::read(&bytes[1..]), None);
    }
}
