//! How the connection is made.

use std::sync::Arc;
use std::time::Duration;

use common::address::Address;
use protocol::topic::Topics;
use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use rustls::ClientConfig;

/// Commands on their way to the broker at once.
const INFLIGHT: u16 = 1_024;
/// A larger packet ends the connection, so it must be above every broker's own limit that makes sense.
const MAX_PACKET: usize = 8 << 20;
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Who connects, and where.
#[derive(Clone)]
pub struct ProxyOptions {
    /// The broker, which must be one of ops_tcu's.
    pub broker: Address,
    /// The same over restarts if `keep_session`; of no other client at any time.
    pub client_id: String,
    /// Account; empty: no credentials are sent.
    pub username: String,
    /// Its password.
    pub password: String,
    /// TLS, as `common::tls` makes it; none: a plain connection.
    pub tls: Option<Arc<ClientConfig>>,
    /// The platform's topics.
    pub topics: Topics,
    /// Keep-alive interval.
    pub keep_alive: Duration,
    /// The broker keeps outcomes while this client is away, and until it has acknowledged them.
    pub keep_session: bool,
}

impl ProxyOptions {
    /// For a service that must miss no outcome: the broker keeps them until they are acknowledged.
    pub fn lasting(broker: Address, client_id: impl Into<String>, topics: Topics) -> Self {
        Self {
            broker,
            client_id: client_id.into(),
            username: String::new(),
            password: String::new(),
            tls: None,
            topics,
            keep_alive: KEEP_ALIVE,
            keep_session: true,
        }
    }

    /// For a service that shows outcomes while it is there, and looks into `command_record` otherwise.
    pub fn passing(broker: Address, client_id: impl Into<String>, topics: Topics) -> Self {
        Self {
            keep_session: false,
            ..Self::lasting(broker, client_id, topics)
        }
    }

    /// With credentials.
    #[must_use]
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.username = username.into();
        self.password = password.into();
        self
    }

    pub(crate) fn mqtt(&self) -> MqttOptions {
        let mut options = MqttOptions::new(&self.client_id, &self.broker.host, self.broker.port);
        options
            .set_keep_alive(self.keep_alive)
            .set_clean_session(!self.keep_session)
            .set_manual_acks(true)
            .set_max_packet_size(MAX_PACKET, MAX_PACKET)
            .set_inflight(INFLIGHT);
        if !self.username.is_empty() {
            options.set_credentials(&self.username, &self.password);
        }
        if let Some(tls) = &self.tls {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls.clone())));
        }
        options
    }
}
