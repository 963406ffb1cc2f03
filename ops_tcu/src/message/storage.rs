//! Towards ClickHouse and Redis.

use actix::Message;
use wal::Segment;

/// A closed segment of the log, to be inserted and removed.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgDbInsert(pub Segment);

/// The latest state of a pile: hash key, uuid, JSON; no JSON for a uuid that no longer has a pile.
pub type StateEntry = (String, String, Option<String>);

/// The latest states of changed piles.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgRedisHset(pub Vec<StateEntry>);
