//! Telling the connector that there is work in its tables. It looks by itself every few seconds, so a word that is
//! lost only makes it later.

use super::Ground;

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// `command_batch`.
    Batch,
    /// `log_file`.
    Log,
    /// `ota_campaign`.
    Ota,
    /// `schedule`.
    Schedule,
}

impl Wake {
    const fn word(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Log => "log",
            Self::Ota => "ota",
            Self::Schedule => "schedule",
        }
    }
}

impl Ground {
    /// Wakes the connector.
    pub(crate) async fn wake(&self, wake: Wake) {
        let told: redis::RedisResult<()> = redis::cmd("PUBLISH")
            .arg(self.keys.connector_wake())
            .arg(wake.word())
            .exec_async(&mut self.redis.clone())
            .await;
        if let Err(error) = told {
            tracing::debug!(%error, "the connector was not woken; it looks by itself");
        }
    }
}
