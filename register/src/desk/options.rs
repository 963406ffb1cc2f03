//! How a connection to a broker is made.

use common::address::Address;
use common::tls::{self, TlsError};
use rumqttc::{MqttOptions, TlsConfiguration, Transport};

use crate::config::MqttConfig;

/// Answers on their way to the broker.
const INFLIGHT: u16 = 1_024;
/// A larger packet ends the connection, so it must be above every broker's own limit that makes sense.
const MAX_PACKET: usize = 8 << 20;

/// How the connection to one broker is made.
///
/// # Errors
/// [`TlsError`] if the CA file cannot be used.
pub(super) fn options(mqtt: &MqttConfig, number: usize, address: &Address) -> Result<MqttOptions, TlsError> {
    // One session per broker; the first keeps the plain name.
    let client_id = match number {
        0 => mqtt.client_id.clone(),
        n => format!("{}-{n}", mqtt.client_id),
    };
    let mut options = MqttOptions::new(client_id, &address.host, address.port);
    options
        .set_keep_alive(mqtt.keep_alive)
        .set_clean_session(false)
        .set_manual_acks(true)
        .set_max_packet_size(MAX_PACKET, MAX_PACKET)
        .set_inflight(INFLIGHT);
    if !mqtt.username.is_empty() {
        options.set_credentials(&mqtt.username, mqtt.password.expose());
    }
    if !mqtt.ca_file.as_os_str().is_empty() {
        let config = TlsConfiguration::Rustls(tls::client(&mqtt.ca_file)?);
        options.set_transport(Transport::tls_with_config(config));
    }
    Ok(options)
}
