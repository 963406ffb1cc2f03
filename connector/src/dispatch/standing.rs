//! Where commands stand, read from `command_record`: for outcomes that were missed.

use std::collections::HashMap;

use clickhouse::Row;
use proxy::State;
use serde::Deserialize;
use store::{Clickhouse, Conditions, StoreError};

/// Pairs asked about in one query.
const AT_ONCE: usize = 5_000;

/// Where one command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// 失败原因.
    pub reason: String,
    /// 进度, percent.
    pub progress: u8,
    /// The pile's answer, JSON; empty = none.
    pub answer: String,
    /// When the answer came, Unix ms; 0 = none.
    pub answered_time: i64,
}

#[derive(Row, Deserialize)]
struct Read {
    device_id: u64,
    caller: String,
    state: String,
    reason: String,
    progress: u8,
    answer: String,
    answered_time: i64,
}

pub(super) async fn read(
    db: &Clickhouse,
    asked: &[(u64, &str)],
    since: i64,
) -> Result<HashMap<(u64, String), Standing>, StoreError> {
    let sql = "SELECT device_id, caller, toString(state) AS state, reason, progress, answer, answered_time \
               FROM command_record FINAL";
    let mut standings = HashMap::with_capacity(asked.len());
    for some in asked.chunks(AT_ONCE) {
        let piles: Vec<u64> = some.iter().map(|(device_id, _)| *device_id).collect();
        let marks: Vec<String> = some.iter().map(|(_, mark)| (*mark).to_owned()).collect();
        let these = Conditions::new()
            .and("device_id IN ?", [piles.into()])
            .and("created_time >= ?", [since.into()])
            .and("caller IN ?", [marks.into()]);
        let rows: Vec<Read> = db.rows("where commands stand", these.query(db, sql)).await?;
        standings.extend(rows.into_iter().filter_map(|row| {
            let standing = Standing {
                state: State::parse(&row.state)?,
                reason: row.reason,
                progress: row.progress,
                answer: row.answer,
                answered_time: row.answered_time,
            };
            Some(((row.device_id, row.caller), standing))
        }));
    }
    Ok(standings)
}
