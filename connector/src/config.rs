//! The service's settings; what each means stands in `config.default.toml`, which is also the default.

use std::time::Duration;

use common::address::Address;
use common::config::checked::{not_empty, not_zero, topic_level};
use common::config::{Secret, duration};
use common::telemetry::{LogConfig, TelemetryConfig};
use common::tls::CaFile;
use connections::{ClickhouseConfig, RedisConfig};
use protocol::topic::Topics;
use proxy::ProxyOptions;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

pub use crate::files::{AccountConfig, FtpConfig, LogFileConfig, PackageConfig};

/// The embedded default configuration.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The broker.
    pub mqtt: MqttConfig,
    /// How commands are asked for.
    pub dispatch: DispatchConfig,
    /// Who of several works.
    pub leader: LeaderConfig,
    /// Where all work stands.
    pub clickhouse: ClickhouseConfig,
    /// Where the lock is kept, and the states of piles.
    pub redis: RedisConfig,
    /// The FTP server that piles come to.
    pub ftp: FtpConfig,
    /// Packages on their way to piles.
    pub package: PackageConfig,
    /// Logs on their way here.
    pub log_file: LogFileConfig,
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
    /// `host:port`.
    pub broker: Address,
    /// The same over restarts.
    #[serde(deserialize_with = "not_empty")]
    pub client_id: String,
    /// Empty: no credentials are sent.
    pub username: String,
    /// The account's password.
    pub password: Secret,
    /// TLS, trusting these CAs only; empty: a plain connection.
    pub ca_file: CaFile,
    /// First word of every topic.
    #[serde(deserialize_with = "topic_level")]
    pub org: String,
    /// Kind of device in every topic.
    #[serde(deserialize_with = "topic_level")]
    pub kind: String,
    /// Keep-alive interval.
    #[serde(with = "duration")]
    pub keep_alive: Duration,
}

impl MqttConfig {
    /// The platform's topics.
    pub fn topics(&self) -> Topics {
        Topics::new(&self.org, &self.kind)
    }

    /// How the connection is made.
    pub fn proxy(&self) -> ProxyOptions {
        let options = ProxyOptions::lasting(self.broker.clone(), &self.client_id, self.topics());
        let options = options.credentials(&self.username, self.password.expose());
        ProxyOptions {
            tls: self.ca_file.client(),
            keep_alive: self.keep_alive,
            ..options
        }
    }
}

/// `[dispatch]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispatchConfig {
    /// Commands per second of all work.
    #[serde(deserialize_with = "not_zero")]
    pub rate_per_s: u32,
}

/// `[leader]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaderConfig {
    /// How long the lock lasts unless it is renewed.
    #[serde(deserialize_with = "three_seconds_or_more")]
    pub lasts: Duration,
}

/// `[shutdown]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownConfig {
    /// How long an orderly stop may take.
    #[serde(with = "duration")]
    pub deadline: Duration,
}

fn three_seconds_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let value: Duration = duration::deserialize(from)?;
    if value >= Duration::from_secs(3) {
        Ok(value)
    } else {
        Err(D::Error::custom("must be at least 3s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_read() {
        let config: Config = common::config::load(DEFAULTS, None, "NONE").unwrap();
        assert_eq!(config.mqtt.client_id, "connector");
        assert!(config.leader.lasts >= Duration::from_secs(3));
    }
}
