//! The service's settings; what each means stands in `config.default.toml`, which is also the default.

mod checked;

use std::path::PathBuf;
use std::time::Duration;

use common::address::Address;
use common::config::{ByteSize, Secret, duration};
use common::telemetry::{LogConfig, TelemetryConfig};
use common::tls::CaFile;
use connections::ClickhouseConfig;
use serde::Deserialize;

use crate::mqtt::Version;

/// The embedded default configuration.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The brokers and what is subscribed there.
    pub mqtt: MqttConfig,
    /// Workers and batching.
    pub worker: WorkerConfig,
    /// The write-ahead log.
    pub wal: WalConfig,
    /// Where rows end up.
    pub clickhouse: ClickhouseConfig,
    /// Where the latest state is kept.
    pub redis: RedisConfig,
    /// What piles may do and are asked for.
    pub device: DeviceConfig,
    /// How commands are delivered.
    pub command: CommandConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Metrics and health.
    pub telemetry: TelemetryConfig,
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
    /// MQTT version.
    pub version: Version,
    /// Unique per ops_tcu, the same over restarts.
    #[serde(deserialize_with = "checked::not_empty")]
    pub client_id: String,
    /// Empty: no credentials are sent.
    pub username: String,
    /// The user's password.
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
    #[serde(deserialize_with = "checked::keep_alive")]
    pub keep_alive: Duration,
    /// How long the broker keeps the session (MQTT 5).
    #[serde(with = "duration")]
    pub session_expiry: Duration,
    /// Largest packet taken.
    #[serde(deserialize_with = "checked::packet")]
    pub max_packet: ByteSize,
    /// Unacknowledged messages allowed (MQTT 5).
    #[serde(deserialize_with = "checked::not_zero")]
    pub receive_maximum: u16,
    /// Replies and commands that may wait for the broker.
    #[serde(deserialize_with = "checked::not_zero")]
    pub outgoing_queue: usize,
}

/// `[worker]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// Number of workers; 0 = one per core.
    pub shards: usize,
    /// Messages that close a batch.
    #[serde(deserialize_with = "checked::not_zero")]
    pub batch_messages: usize,
    /// Age that closes a batch.
    #[serde(with = "duration")]
    pub batch_age: Duration,
}

impl WorkerConfig {
    /// How many workers to start.
    pub fn shard_count(&self) -> usize {
        match self.shards {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            some => some,
        }
    }
}

/// `[wal]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalConfig {
    /// The log's folder.
    pub dir: PathBuf,
    /// Size that closes a segment.
    #[serde(deserialize_with = "checked::not_zero")]
    pub segment_bytes: ByteSize,
    /// Age that closes a segment.
    #[serde(with = "duration")]
    pub segment_age: Duration,
    /// Least time between two syncs.
    #[serde(with = "duration")]
    pub group_interval: Duration,
    /// Most that may wait on disk.
    #[serde(deserialize_with = "checked::not_zero")]
    pub max_bytes: ByteSize,
}

/// `[redis]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://[:password@]host:port[/db]`
    #[serde(deserialize_with = "connections::redis_url")]
    pub url: Secret,
    /// How often changed states are written.
    #[serde(with = "duration")]
    pub state_interval: Duration,
}

/// What to do with a uuid that no asset has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownDevice {
    /// Make an asset for it.
    Adopt,
    /// Quarantine what it sends.
    Refuse,
}

/// `[device]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceConfig {
    /// For uuids that no asset has.
    pub unknown_device: UnknownDevice,
    /// Device type of adopted assets.
    pub dt_id: u64,
    /// 0…14, unique per ops_tcu.
    #[serde(deserialize_with = "checked::node")]
    pub node: u8,
    /// Silence after which a pile counts as offline.
    #[serde(with = "duration")]
    pub offline_after: Duration,
    /// Interval of 关键器件动作; zero for never.
    #[serde(with = "duration")]
    pub component_poll: Duration,
    /// Default deadline of a command.
    #[serde(with = "duration")]
    pub command_timeout: Duration,
    /// Occurrences in a minute beyond which a warning is folded.
    pub storm_per_minute: u16,
    /// How often assets and warning definitions are read again.
    #[serde(with = "duration")]
    pub refresh: Duration,
}

/// `[command]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandConfig {
    /// Commands sent in a second at most, to all piles together; 0 = as many as come.
    pub rate_per_s: u32,
    /// After this an unanswered command is sent again, if that does no harm; doubled each time; zero for never.
    #[serde(with = "duration")]
    pub retry_pause: Duration,
    /// How often it is sent in all.
    #[serde(deserialize_with = "checked::not_zero")]
    pub attempts: u8,
}

/// `[shutdown]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownConfig {
    /// Most time an orderly stop may take.
    #[serde(with = "duration")]
    pub deadline: Duration,
}
