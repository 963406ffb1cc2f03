//! How a test's client connects.

use std::path::PathBuf;
use std::time::Duration;

const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// All that one connection needs to know; a clean session over MQTT 3.1.1 without credentials unless said otherwise.
#[derive(Debug, Clone)]
pub struct MqttClientOptions {
    /// Where the broker is; TLS checks its certificate for this name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The client's own id.
    pub client_id: String,
    /// MQTT 5 instead of 3.1.1.
    pub v5: bool,
    /// User name and password.
    pub credentials: Option<(String, String)>,
    /// TLS, trusting the CAs in this PEM file only.
    pub ca_file: Option<PathBuf>,
    /// Topic and payload that the broker publishes (QoS 1, not retained) when the connection is lost.
    pub will: Option<(String, Vec<u8>)>,
    /// The broker keeps subscriptions and messages between connections (with MQTT 5 for an hour).
    pub keep_session: bool,
    /// Keep-alive interval.
    pub keep_alive: Duration,
}

impl MqttClientOptions {
    /// A broker on loopback.
    pub fn new(port: u16, client_id: impl Into<String>) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            client_id: client_id.into(),
            v5: false,
            credentials: None,
            ca_file: None,
            will: None,
            keep_session: false,
            keep_alive: KEEP_ALIVE,
        }
    }

    /// With MQTT 5.
    #[must_use]
    pub fn v5(mut self) -> Self {
        self.v5 = true;
        self
    }

    /// As this user.
    #[must_use]
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some((username.into(), password.into()));
        self
    }

    /// Over TLS, trusting the CAs in this PEM file only.
    #[must_use]
    pub fn ca_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(file.into());
        self
    }

    /// With a last will (QoS 1, not retained).
    #[must_use]
    pub fn will(mut self, topic: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        self.will = Some((topic.into(), payload.into()));
        self
    }

    /// With a session that the broker keeps.
    #[must_use]
    pub fn keep_session(mut self) -> Self {
        self.keep_session = true;
        self
    }
}
