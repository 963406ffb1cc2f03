//! Which piles are online, as ops_tcu writes it into Redis.

use std::collections::{BTreeMap, HashSet};

use connections::Redis;
use protocol::Uuid;
use redis::RedisError;
use serde::Deserialize;
use store::redis_keys::RedisKeys;
use store::selection::Chosen;

/// Piles of one bucket that are asked about at once.
const AT_ONCE: usize = 2_000;

/// The one thing of a state that is needed.
#[derive(Deserialize)]
struct Presence {
    #[serde(rename = "o")]
    online: bool,
}

/// Device ids of those that are online. A pile without a state has not spoken yet: it is not.
pub(super) async fn online(
    redis: &Redis,
    keys: &RedisKeys,
    piles: &[Chosen],
) -> Result<HashSet<u64>, RedisError> {
    let mut buckets: BTreeMap<String, Vec<&Chosen>> = BTreeMap::new();
    for pile in piles {
        if let Ok(uuid) = Uuid::parse(&pile.uuid) {
            buckets.entry(keys.state_of(uuid)).or_default().push(pile);
        }
    }
    let mut online = HashSet::new();
    for (key, piles) in buckets {
        for some in piles.chunks(AT_ONCE) {
            let uuids: Vec<&str> = some.iter().map(|pile| pile.uuid.as_str()).collect();
            let states: Vec<Option<String>> = redis::cmd("HMGET")
                .arg(&key)
                .arg(uuids)
                .query_async(&mut redis.clone())
                .await?;
            let with_state = some.iter().zip(states);
            online.extend(with_state.filter_map(|(pile, state)| {
                let state: Presence = serde_json::from_str(&state?).ok()?;
                state.online.then_some(pile.device_id)
            }));
        }
    }
    Ok(online)
}
