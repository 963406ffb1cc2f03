//! Does Redis answer?

use redis::Client;

use crate::{WebError, config};

/// A client for the configured address; it connects when it is used.
pub(super) fn client(config: &config::Redis) -> Result<Client, WebError> {
    Client::open(config.url.expose()).map_err(|error| WebError::Address {
        section: "redis",
        reason: error.to_string(),
    })
}

/// One PING over a connection of its own.
pub(super) async fn ping(client: Client) -> Result<(), String> {
    let answer = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING").exec_async(&mut connection).await
    };
    answer.await.map_err(|error: redis::RedisError| error.to_string())
}
