//! Does the broker let us in?

use std::{sync::Arc, time::Duration};

use common::tls::CaFile;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, TlsConfiguration, Transport};

use crate::{WebError, config};

/// The broker's address and what it wants to know.
#[derive(Debug)]
pub(super) struct Broker {
    host: String,
    port: u16,
    credentials: Option<(String, String)>,
    ca_file: CaFile,
}

impl Broker {
    /// Reads `host:port`.
    pub(super) fn new(config: &config::Mqtt) -> Result<Arc<Self>, WebError> {
        let wrong = || WebError::Address {
            section: "mqtt",
            reason: format!("{:?} is not host:port", config.broker),
        };
        let (host, port) = config.broker.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let credentials = (!config.username.is_empty())
            .then(|| (config.username.clone(), config.password.expose().to_owned()));
        Ok(Arc::new(Self {
            host: host.to_owned(),
            port,
            credentials,
            ca_file: config.ca_file.clone(),
        }))
    }
}

/// Connects, waits for CONNACK and leaves again. The client id is empty: the broker gives one, so that
/// checks never push each other out.
pub(super) async fn connect(broker: Arc<Broker>) -> Result<(), String> {
    let mut options = MqttOptions::new("", broker.host.clone(), broker.port);
    options
        .set_keep_alive(Duration::from_secs(5))
        .set_clean_session(true);
    if let Some((user, password)) = &broker.credentials {
        options.set_credentials(user, password);
    }
    if let Some(config) = broker.ca_file.client() {
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(config)));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_port_is_refused_with_its_section() {
        let config = config::Mqtt {
            broker: "localhost".into(),
            username: String::new(),
            password: Default::default(),
            ca_file: Default::default(),
        };
        let error = Broker::new(&config).unwrap_err().to_string();
        assert!(error.contains("mqtt") && error.contains("localhost"), "{error}");
    }
}
