//! Redis: section `[redis]`, a connection, a check.

use std::time::Duration;

use common::config::{Secret, checked::checked};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError};
use serde::Deserialize;
use serde::de::Deserializer;

/// A connection that clones share, made on first use and again by itself.
pub type Redis = ConnectionManager;

/// How long Redis may take for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// Attempts before a request fails; the next request begins anew.
const RETRIES: usize = 1;

/// `[redis]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://[user:password@]host:port[/db]`; a secret because it may hold a password.
    #[serde(deserialize_with = "redis_url")]
    pub url: Secret,
}

impl RedisConfig {
    /// As [`open_redis`].
    ///
    /// # Errors
    /// As there.
    pub fn open(&self) -> Result<Redis, RedisError> {
        open_redis(&self.url)
    }
}

/// A connection that is made on first use.
///
/// # Errors
/// `url` is not an address of Redis, which [`redis_url`] refuses with the configuration.
pub fn open_redis(url: &Secret) -> Result<Redis, RedisError> {
    let options = ConnectionManagerConfig::new()
        .set_number_of_retries(RETRIES)
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(ANSWER_TIMEOUT));
    ConnectionManager::new_lazy_with_config(Client::open(url.expose())?, options)
}

/// An address of Redis, for `#[serde(deserialize_with = …)]`.
///
/// # Errors
/// The deserializer's own, or that it is none; the address itself is not shown.
pub fn redis_url<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    let opens = |url: &Secret| Client::open(url.expose()).is_ok();
    checked(
        from,
        opens,
        "must be an address of Redis: redis://[:password@]host:port[/db]",
    )
}

/// Whether it answers; the reason when it does not.
pub(crate) async fn answers(mut redis: Redis) -> Result<(), String> {
    redis::cmd("PING")
        .exec_async(&mut redis)
        .await
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused_without_being_shown() {
        let read = |url: &str| serde_json::from_value::<RedisConfig>(serde_json::json!({ "url": url }));
        assert!(read("redis://:hush@127.0.0.1:6379/1").is_ok());
        let error = read("http://:hush@127.0.0.1").unwrap_err().to_string();
        assert!(error.contains("redis://") && !error.contains("hush"), "{error}");
    }
}
