//! Commands of an earlier process: where each stands by its newest version, wherever that lies.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::{Password, Uuid};
use redis::aio::ConnectionManager;
use store::redis_keys::RedisKeys;
use store::table::command_record::{self, Kept, State};
use store::{Clickhouse, StoreError, Table};
use tracing::warn;

use crate::drain::Rows;
use crate::fleet::KeptCommand;
use crate::message::Asset;

/// Ended commands are remembered this long, ms: within it their marks make no second ones.
const REMEMBERED: i64 = 86_400_000;
/// Ended commands that are read at most.
const MOST_ENDED: u64 = 40_000;
/// An open command of another ops_tcu is abandoned when its deadline is this long ago, ms: whoever was to end it did
/// not.
const ABANDONED: i64 = 3_600_000;
/// Passwords asked for at once.
const KEYS: usize = 1000;

/// The present in Unix ms.
pub(super) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as i64)
}

/// What the database has: open commands of this ops_tcu, abandoned ones of others, and those that ended lately.
pub(super) async fn of_database(db: &Clickhouse, node: u8, now: i64) -> Result<Vec<Kept>, StoreError> {
    let mut kept = command_record::open(db, node, now, now - ABANDONED).await?;
    kept.extend(command_record::ended(db, now - REMEMBERED, MOST_ENDED).await?);
    Ok(kept)
}

/// What a segment has that the database has not got yet.
pub(super) fn of_log(tables: &[Rows]) -> Vec<Kept> {
    let commands = tables.iter().filter(|rows| rows.table == Table::CommandRecord);
    commands
        .flat_map(|rows| (0..rows.len()).filter_map(|row| Kept::read(&rows.slice(row..row + 1))))
        // Without a deadline it is the answer to somebody else's command.
        .filter(|kept| kept.deadline != 0)
        .collect()
}

/// The newest version of each, without those that ended long ago, in the order of their last steps.
pub(super) fn newest(database: Vec<Kept>, log: Vec<Kept>, now: i64) -> Vec<Kept> {
    let mut commands: HashMap<(u64, i64, u32, String), Kept> = HashMap::new();
    for kept in database.into_iter().chain(log) {
        let identity = (
            kept.device_id,
            kept.created_time,
            kept.reqid,
            kept.command.clone(),
        );
        match commands.get_mut(&identity) {
            Some(known) if known.timestamp > kept.timestamp => {}
            Some(known) => *known = kept,
            None => drop(commands.insert(identity, kept)),
        }
    }
    let counts = |kept: &Kept| match State::from_number(kept.state) {
        Some(state) => !state.is_final() || kept.timestamp > now - REMEMBERED,
        None => false,
    };
    let mut commands: Vec<_> = commands.into_values().filter(counts).collect();
    commands.sort_by_key(|kept| (kept.timestamp, kept.created_time, kept.reqid));
    commands
}

/// Finds each command's pile, and the password that was struck out of it.
pub(crate) async fn with_piles(
    commands: Vec<Kept>,
    assets: &[Asset],
    redis: &mut ConnectionManager,
) -> Vec<KeptCommand> {
    if commands.is_empty() {
        return Vec::new();
    }
    let uuids: HashMap<u64, Uuid> = assets.iter().map(|a| (a.device_id, a.uuid)).collect();
    let mut passwords = passwords(&commands, redis).await;
    commands
        .into_iter()
        .map(|kept| KeptCommand {
            uuid: uuids.get(&kept.device_id).copied(),
            password: passwords.remove(&key(&kept)),
            kept,
        })
        .collect()
}

fn key(kept: &Kept) -> String {
    RedisKeys::default().command_password(kept.device_id, kept.created_time, kept.reqid)
}

async fn passwords(commands: &[Kept], redis: &mut ConnectionManager) -> HashMap<String, Password> {
    let is_open = |kept: &&Kept| State::from_number(kept.state).is_some_and(|state| !state.is_final());
    let keys: Vec<_> = commands.iter().filter(is_open).map(key).collect();
    let mut found = HashMap::new();
    for keys in keys.chunks(KEYS) {
        // One by one in a pipeline: on a cluster they lie on several nodes.
        let mut pipeline = redis::Pipeline::with_capacity(keys.len());
        for key in keys {
            pipeline.get(key);
        }
        match pipeline.query_async::<Vec<Option<String>>>(redis).await {
            Ok(values) => {
                let known = keys.iter().zip(values);
                found.extend(known.filter_map(|(key, value)| Some((key.clone(), Password::new(value?)))));
            }
            Err(error) => {
                warn!(%error, "no passwords of open commands from Redis; those that need one end as failed");
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(reqid: u32, timestamp: i64, state: State) -> Kept {
        Kept {
            timestamp,
            device_id: 7,
            created_time: 1,
            reqid,
            command: "重启".to_owned(),
            state: state as i8,
            source: String::new(),
            sent_time: 0,
            answered_time: 0,
            deadline: 9,
            result: String::new(),
            reason: String::new(),
            progress: 0,
            request: String::new(),
            answer: String::new(),
            caller: String::new(),
            attempts: 0,
            node: 0,
        }
    }

    #[test]
    fn the_newest_version_counts_wherever_it_lies() {
        let now = 2 * REMEMBERED;
        let database = vec![
            kept(1, 5, State::Queued),
            kept(2, now, State::Answered),
            kept(3, 5, State::Sent),
        ];
        let log = vec![
            kept(1, 6, State::Sent),
            kept(1, now - 1, State::Answered),
            kept(2, now - 9, State::Sent),
            kept(4, 5, State::TimedOut),
        ];
        let newest: Vec<_> = newest(database, log, now)
            .iter()
            .map(|k| (k.reqid, State::from_number(k.state).unwrap()))
            .collect();
        let expected = [(3, State::Sent), (1, State::Answered), (2, State::Answered)];
        assert_eq!(newest, expected, "the fourth ended long ago");
    }
}
