//! `connector:wake`: the web server says that it has written rows for some room. A word that is lost costs a poll's
//! time, since every room looks by itself as well.

use std::sync::Arc;
use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use futures_util::StreamExt as _;
use redis::RedisError;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::debug;

/// How long a room waits at most before it looks by itself.
pub(crate) const POLL: Duration = Duration::from_secs(2);

/// Rooms that can be woken, by the payload of the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// `batch`
    Batch,
    /// `log`
    Log,
    /// `ota`
    Ota,
    /// `schedule`
    Schedule,
}

impl What {
    const ALL: [Self; 4] = [Self::Batch, Self::Log, Self::Ota, Self::Schedule];

    /// The payload.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Log => "log",
            Self::Ota => "ota",
            Self::Schedule => "schedule",
        }
    }
}

/// A clonable handle.
#[derive(Clone)]
pub struct Wake(Arc<[watch::Sender<u64>]>);

impl Wake {
    pub(crate) fn new() -> Self {
        Self(What::ALL.iter().map(|_| watch::Sender::new(0)).collect())
    }

    /// For a room: what it waits with.
    pub fn sleeper(&self, what: What) -> Sleeper {
        Sleeper(self.0[what as usize].subscribe())
    }

    /// Wakes a room from inside.
    pub fn wake(&self, what: What) {
        self.0[what as usize].send_modify(|n| *n += 1);
    }

    /// Listens until `stop`. `channel` is `connector:wake`.
    pub(crate) async fn listen(self, client: redis::Client, channel: String, stop: Shutdown) {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
        while !stop.is_triggered() {
            let ended = tokio::select! {
                ended = self.hear(&client, &channel, &mut backoff) => ended,
                () = stop.cancelled() => return,
            };
            if let Err(error) = ended {
                debug!(%error, "words to wake cannot be heard; rooms look by themselves");
            }
            tokio::select! {
                () = backoff.wait() => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn hear(
        &self,
        client: &redis::Client,
        channel: &str,
        backoff: &mut Backoff,
    ) -> Result<(), RedisError> {
        let mut words = client.get_async_pubsub().await?;
        words.subscribe(channel).await?;
        backoff.reset();
        let mut words = words.on_message();
        while let Some(word) = words.next().await {
            let word: String = word.get_payload()?;
            if let Some(what) = What::ALL.into_iter().find(|what| what.as_str() == word) {
                self.wake(what);
            }
        }
        Ok(())
    }
}

/// What a room waits with.
pub struct Sleeper(watch::Receiver<u64>);

impl Sleeper {
    /// Until somebody wakes the room, or two seconds are over. A word that came while the room worked counts.
    pub async fn sleep(&mut self) {
        self.sleep_until(Instant::now() + POLL).await;
    }

    /// The same with another limit, for a loop that does other things meanwhile: may be dropped while it waits.
    pub async fn sleep_until(&mut self, latest: Instant) {
        // Late, or the term ends: the room looks by itself.
        let _ = tokio::time::timeout_at(latest, self.0.changed()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_word_that_came_meanwhile_counts_and_only_for_its_room() {
        let wake = Wake::new();
        let (mut batch, mut log) = (wake.sleeper(What::Batch), wake.sleeper(What::Log));
        wake.wake(What::Batch);
        wake.wake(What::Batch);
        let long = Instant::now() + Duration::from_secs(3_600);
        batch.sleep_until(long).await;
        assert!(
            tokio::time::timeout(Duration::from_millis(1), batch.sleep_until(long))
                .await
                .is_err()
        );
        assert!(
            tokio::time::timeout(Duration::from_millis(1), log.sleep_until(long))
                .await
                .is_err()
        );
    }
}
