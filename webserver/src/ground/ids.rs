//! Fresh ids, below 2^53, never given twice: the clock of Redis, this kind of service, a sequence. As in
//! `ops_tcu`, whose nodes are 0 to 14; the web servers share node 15 and the sequence, which is in Redis.

use super::{Ground, error::ApiError};

/// Milliseconds from the Unix epoch to 2024-01-01 00:00 UTC, where the ids' clock starts.
const EPOCH_MS: u64 = 1_704_067_200_000;
const NODE: u64 = 15;
const NODE_BITS: u32 = 4;
const SEQUENCE_BITS: u32 = 8;

/// Takes ARGV[1] ticks; gives the first. A tick is a millisecond's 256th part, and never goes back while Redis
/// remembers; after it has forgotten, its clock has gone on.
const TAKE: &str = "\
local time = redis.call('TIME')
local clock = (time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2]) * 256
local last = tonumber(redis.call('GET', KEYS[1]) or '0')
local first = math.max(last + 1, clock)
redis.call('SET', KEYS[1], string.format('%.0f', first + ARGV[1] - 1))
return string.format('%.0f', first)";

impl Ground {
    /// One fresh id.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn new_id(&self) -> Result<u64, ApiError> {
        Ok(self.new_ids(1).await?.next().unwrap_or_default())
    }

    /// `count` fresh ids.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn new_ids(&self, count: usize) -> Result<impl Iterator<Item = u64> + use<>, ApiError> {
        let first: u64 = redis::cmd("EVAL")
            .arg(TAKE)
            .arg(1)
            .arg(self.keys.web_ids())
            .arg(count)
            .arg(EPOCH_MS)
            .query_async(&mut self.redis.clone())
            .await?;
        Ok((first..first + count as u64).map(id))
    }
}

fn id(tick: u64) -> u64 {
    let (clock, sequence) = (tick >> SEQUENCE_BITS, tick & ((1 << SEQUENCE_BITS) - 1));
    (clock << (NODE_BITS + SEQUENCE_BITS)) | (NODE << SEQUENCE_BITS) | sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_with_the_ticks_and_stay_below_2_to_the_53() {
        let tick = (1_795_000_000_000 - EPOCH_MS) << SEQUENCE_BITS;
        let ids: Vec<_> = (tick..tick + 1000).map(id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(
            ids.iter()
                .all(|id| *id < 1 << 53 && (id >> SEQUENCE_BITS) & 15 == NODE)
        );
    }
}
