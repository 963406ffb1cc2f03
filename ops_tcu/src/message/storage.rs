//! Towards ClickHouse and Redis.

use actix::Message;
use wal::Segment;

/// A closed segment of the log, to be inserted and removed.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgDbInsert(pub Segment);

/// The latest states of changed piles: hash key, uuid, JSON.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgRedisHset(pub Vec<(String, String, String)>);
