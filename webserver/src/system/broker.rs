//! Does the broker let us in?

use std::{sync::Arc, time::Duration};

use connections::mqtt::{self, credentials};
use rumqttc::{AsyncClient, Event, Packet};

use crate::config;

/// Connects, waits for CONNACK and leaves again. The client id is empty: the broker gives one, so that
/// checks never push each other out.
pub(super) async fn connect(config: Arc<config::Mqtt>) -> Result<(), String> {
    let credentials = credentials(&config.username, &config.password);
    let mut options = mqtt::options("", &config.broker, credentials, &config.ca_file);
    options
        .set_keep_alive(Duration::from_secs(5))
        .set_clean_session(true);
    let (client, mut events) = AsyncClient::new(options, 1);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => break,
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    // Leaving without a word would be an abnormal end in the broker's log.
    let _ = client.disconnect().await;
    let _ = events.poll().await;
    Ok(())
}
