//! What can be set; `config.default.toml` says what each setting means.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use common::{
    address::Address,
    config::{Secret, duration},
    telemetry::LogConfig,
    tls::CaFile,
};
use connections::{ClickhouseConfig, RedisConfig};
use serde::Deserialize;

pub use crate::ota::TrustedKeys;

/// The embedded defaults, which a file and the environment override.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// The whole configuration, a field per section.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Section `http`.
    pub http: Http,
    /// Section `clickhouse`.
    pub clickhouse: ClickhouseConfig,
    /// Section `redis`.
    pub redis: RedisConfig,
    /// Section `mqtt`.
    pub mqtt: Mqtt,
    /// Section `auth`.
    pub auth: Auth,
    /// Section `ota`.
    pub ota: Ota,
    /// Section `register`.
    pub register: Register,
    /// Section `log`.
    pub log: LogConfig,
    /// Section `shutdown`.
    pub shutdown: Shutdown,
}

/// Section `http`.
#[derive(Debug, Clone, Deserialize)]
pub struct Http {
    /// Where the API is served; port 0 is any free one.
    pub listen: SocketAddr,
}

/// Section `mqtt`.
#[derive(Debug, Clone, Deserialize)]
pub struct Mqtt {
    /// `host:port`.
    pub broker: Address,
    /// Empty: anonymous.
    pub username: String,
    /// Empty: none.
    pub password: Secret,
    /// TLS, trusting these CAs only; empty: a plain connection.
    pub ca_file: CaFile,
    /// The organization's code in every topic.
    pub org: String,
    /// The kind of device in every topic.
    pub kind: String,
}

/// Section `auth`.
#[derive(Debug, Clone, Deserialize)]
pub struct Auth {
    /// With which access tokens are signed; empty: made once, and kept in Redis.
    pub secret: Secret,
    /// How long an access token lasts.
    #[serde(with = "duration")]
    pub access: Duration,
    /// How long a session lasts that nobody renews.
    #[serde(with = "duration")]
    pub session: Duration,
    /// Where the first start writes the password of `admin`; empty: only to standard output.
    pub first_admin_file: PathBuf,
    /// Whether the caller's address is the last of `X-Forwarded-For`.
    pub behind_proxy: bool,
}

/// Section `ota`.
#[derive(Debug, Clone, Deserialize)]
pub struct Ota {
    /// Ed25519 public keys, hex, of whoever signs firmware before it is uploaded.
    pub trusted_keys: TrustedKeys,
}

/// Section `register`.
#[derive(Debug, Clone, Deserialize)]
pub struct Register {
    /// Where register's interface for staff answers: `http://host:port`.
    pub url: String,
    /// Its `http.api_token`; empty: registrations are shown and cannot be changed.
    pub token: Secret,
}

/// Section `shutdown`.
#[derive(Debug, Clone, Deserialize)]
pub struct Shutdown {
    /// How long open requests may take to finish.
    #[serde(with = "duration")]
    pub deadline: Duration,
}
