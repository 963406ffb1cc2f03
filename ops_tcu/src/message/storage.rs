//! Towards ClickHouse and Redis.

use actix::Message;
use protocol::Password;
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

/// A password in a command that has not ended, for Redis: nowhere else may it be read after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPassword {
    /// The key.
    pub key: String,
    /// The password; none to forget it.
    pub password: Option<Password>,
    /// When Redis forgets it by itself, Unix ms.
    pub until: i64,
}

/// Passwords to keep or to forget.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgRedisPasswords(pub Vec<KeptPassword>);
