//! How a connection to a broker is made.

use common::address::Address;
use connections::mqtt::{self, client_id, credentials};
use rumqttc::MqttOptions;

use crate::config::MqttConfig;

/// Answers on their way to the broker.
const INFLIGHT: u16 = 1_024;
/// A larger packet ends the connection, so it must be above every broker's own limit that makes sense.
const MAX_PACKET: usize = 8 << 20;

/// How the connection to one broker is made.
pub(super) fn options(config: &MqttConfig, number: usize, address: &Address) -> MqttOptions {
    let name = client_id(&config.client_id, number);
    let credentials = credentials(&config.username, &config.password);
    let mut options = mqtt::options(&name, address, credentials, &config.ca_file);
    options
        .set_keep_alive(config.keep_alive)
        .set_clean_session(false)
        .set_manual_acks(true)
        .set_max_packet_size(MAX_PACKET, MAX_PACKET)
        .set_inflight(INFLIGHT);
    options
}
