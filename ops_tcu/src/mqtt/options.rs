//! How a connection is to be made.

use std::time::Duration;

use common::address::Address;
use common::config::Secret;
use common::tls::CaFile;
use serde::Deserialize;

use super::Once;

/// The protocol version spoken with the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Version {
    /// MQTT 3.1.1: acknowledgements go out in bulk, so this is the faster one.
    #[serde(rename = "3.1.1")]
    V311,
    /// MQTT 5.
    #[serde(rename = "5")]
    V5,
}

/// All that one connection needs to know.
#[derive(Debug, Clone)]
pub struct LinkOptions {
    /// Protocol version.
    pub version: Version,
    /// Where the broker listens.
    pub address: Address,
    /// Client id; a session is kept under it.
    pub client_id: String,
    /// User name and password, if the broker wants them.
    pub credentials: Option<(String, Secret)>,
    /// TLS, or none.
    pub ca_file: CaFile,
    /// Acknowledge by hand. Otherwise this connection speaks, and sends again what the broker did not confirm.
    pub intake: bool,
    /// What may arrive only once, also if the broker has lost the session.
    pub once: Once,
    /// How long the broker keeps the session of a connection that is gone (MQTT 5 only; with 3.1.1
    /// the broker's own setting holds).
    pub session_expiry: Duration,
    /// Keep-alive interval.
    pub keep_alive: Duration,
    /// Largest packet accepted. A larger one ends the connection, so the broker's limit must be lower.
    pub max_packet: usize,
    /// Messages that the broker may send before it waits for an acknowledgement (MQTT 5 only).
    pub receive_maximum: u16,
    /// Room in the queue of requests.
    pub queue: usize,
}
