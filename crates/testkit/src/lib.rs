//! What tests against real servers need: the three engines in a temporary folder, a proxy that breaks
//! connections, the project's programs as children, an MQTT client that waits for what it expects.
//!
//! For tests only. Nothing here skips: a missing server is an error that names the command that installs it.

mod mqtt;
mod output;
mod passwords;
mod process;
mod proxy;
mod stack;
mod tls;
mod wait;

pub use mqtt::{MqttClient, MqttClientOptions, MqttMessage, Refused};
pub use output::{assert_log_is_clean, logged, metric_sum};
pub use passwords::password_lines;
pub use process::{WorkspaceProcess, binary};
pub use proxy::FaultProxy;
pub use stack::{Stack, clickhouse_client};
pub use tls::TlsListener;
pub use wait::wait_until;

// The engines themselves, for tests that kill and restart them.
pub use engines;
