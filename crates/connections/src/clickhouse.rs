//! ClickHouse: section `[clickhouse]`, a handle, a check.

use std::error::Error as _;
use std::time::Duration;

use common::config::{Secret, checked::checked};
use serde::Deserialize;
use serde::de::Deserializer;
use store::{Clickhouse, ClickhouseOptions};

/// How long ClickHouse may take for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// `[clickhouse]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClickhouseConfig {
    /// Address of the HTTP interface.
    #[serde(deserialize_with = "http_url")]
    pub url: String,
    /// Database of all tables.
    pub database: String,
    /// Empty: none.
    pub user: String,
    /// Empty: none.
    pub password: Secret,
}

impl ClickhouseConfig {
    /// A handle that connects on first use. `patience` is for a whole insert or query.
    pub fn open(&self, patience: Duration) -> Clickhouse {
        Clickhouse::new(&ClickhouseOptions {
            url: self.url.clone(),
            database: self.database.clone(),
            user: self.user.clone(),
            password: self.password.expose().to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            request_timeout: patience,
            compression: false,
        })
    }
}

/// An address of an HTTP interface, for `#[serde(deserialize_with = …)]`.
///
/// # Errors
/// The deserializer's own, or that it is none.
pub fn http_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    checked(from, http, "must begin with http:// or https://")
}

/// Whether it answers; the reason when it does not.
pub(crate) async fn answers(db: Clickhouse) -> Result<(), String> {
    db.ping().await.map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_its_protocol_is_refused() {
        let read = |url: &str| {
            let section = serde_json::json!({"url": url, "database": "sems", "user": "", "password": ""});
            serde_json::from_value::<ClickhouseConfig>(section)
        };
        assert!(read("http://127.0.0.1:8123").is_ok());
        let error = read("127.0.0.1:8123").unwrap_err().to_string();
        assert!(error.contains("http://"), "{error}");
    }
}
