//! The service's settings; what each means stands in `config.default.toml`, which is also the default.

mod checked;

use std::net::SocketAddr;
use std::time::Duration;

use common::address::Address;
use common::config::{Secret, duration};
use common::telemetry::{LogConfig, TelemetryConfig};
use common::tls::CaFile;
use connections::{ClickhouseConfig, RedisConfig};
use protocol::topic::Topics;
use serde::Deserialize;

/// The embedded default configuration.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The brokers on which requests come.
    pub mqtt: MqttConfig,
    /// How requests are answered.
    pub registration: RegistrationConfig,
    /// Who is let in.
    pub access: AccessConfig,
    /// Who keeps the door.
    pub broker: BrokerConfig,
    /// What is done about two TCUs under one uuid.
    pub duplicate: DuplicateConfig,
    /// Hooks and staff's interface.
    pub http: HttpConfig,
    /// Where registrations are kept.
    pub clickhouse: ClickhouseConfig,
    /// Where the counter and the locks are kept.
    pub redis: RedisConfig,
    /// Metrics and health.
    pub telemetry: TelemetryConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// The orderly stop.
    pub shutdown: ShutdownConfig,
}

/// `[mqtt]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttConfig {
    /// One connection is made to each.
    #[serde(deserialize_with = "checked::brokers")]
    pub brokers: Vec<Address>,
    /// Unique per register, the same over restarts.
    #[serde(deserialize_with = "checked::not_empty")]
    pub client_id: String,
    /// Empty: no credentials are sent.
    pub username: String,
    /// The account's password.
    pub password: Secret,
    /// TLS to every broker, trusting these CAs only; empty for plain connections.
    pub ca_file: CaFile,
    /// First word of every topic.
    #[serde(deserialize_with = "checked::topic_level")]
    pub org: String,
    /// Kind of device in every topic.
    #[serde(deserialize_with = "checked::topic_level")]
    pub kind: String,
    /// Shared-subscription group; empty for none.
    pub share_group: String,
    /// Keep-alive interval.
    #[serde(with = "duration")]
    pub keep_alive: Duration,
}

impl MqttConfig {
    /// The platform's topics.
    pub fn topics(&self) -> Topics {
        Topics::new(&self.org, &self.kind)
    }
}

/// What becomes of a TCU whose model and contract are not on the allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlisted {
    /// It waits for staff.
    Hold,
    /// It is refused.
    Refuse,
}

/// `[registration]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationConfig {
    /// What becomes of unlisted ones.
    pub unlisted: Unlisted,
    /// TCUs that may wait for staff.
    pub most_pending: u64,
    /// Requests of one serial number at once.
    #[serde(deserialize_with = "checked::not_zero")]
    pub requests_per_sn: u32,
    /// How long until it may ask once more.
    #[serde(with = "duration")]
    pub refill: Duration,
    /// Requests a second of all TCUs.
    #[serde(deserialize_with = "checked::not_zero")]
    pub requests_per_second: u32,
    /// Requests worked on together.
    #[serde(deserialize_with = "checked::not_zero")]
    pub batch: usize,
    /// The longest a serial number is locked.
    #[serde(deserialize_with = "checked::a_second_or_more")]
    pub lock: Duration,
}

/// Whether the door is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Only accounts with a password.
    Closed,
    /// Known uuids without one too.
    Open,
}

/// `[access]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessConfig {
    /// Whether the door is closed.
    pub mode: Mode,
    /// How a client id tells the uuid.
    #[serde(deserialize_with = "checked::client_id_pattern")]
    pub client_id_pattern: String,
    /// How often accounts are read again.
    #[serde(with = "duration")]
    pub refresh: Duration,
}

/// Which broker keeps the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokerKind {
    /// With the dynamic-security plugin.
    Mosquitto,
    /// Asks over HTTP.
    Emqx,
    /// Nobody is told.
    None,
}

/// `[broker]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerConfig {
    /// Which one.
    pub kind: BrokerKind,
    /// EMQX's management interface.
    pub emqx_url: String,
    /// API key; empty = connections of disabled piles are not closed, only kept from coming back.
    pub emqx_key: String,
    /// The key's secret.
    pub emqx_secret: Secret,
    /// How often Mosquitto's accounts are compared.
    #[serde(with = "duration")]
    pub reconcile: Duration,
}

/// `[duplicate]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateConfig {
    /// Whether the newcomer is sent 更新ID.
    pub change_uuid: bool,
    /// How close turns must be.
    #[serde(with = "duration")]
    pub within: Duration,
}

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where hooks and interface are served; port 0 is any free one.
    pub listen: SocketAddr,
    /// EMQX's token; empty = no hooks.
    pub hook_token: Secret,
    /// Staff tools' token; empty = no interface.
    pub api_token: Secret,
}

/// `[shutdown]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownConfig {
    /// How long an orderly stop may take.
    #[serde(with = "duration")]
    pub deadline: Duration,
}
