//! MQTT 3.1.1 on rumqttc.

use connections::mqtt;
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, Packet, PubAck, QoS, SubscribeFilter, SubscribeReasonCode,
};

use super::{Incoming, LinkError, LinkEvent, LinkOptions, Topic};

/// Publishes that may wait for the broker's acknowledgement.
const INFLIGHT: u16 = 4096;

/// A connection over MQTT 3.1.1.
pub struct Link(EventLoop);

pub(super) fn connect(options: &LinkOptions) -> (Link, AsyncClient) {
    let credentials = options
        .credentials
        .as_ref()
        .map(|(user, password)| (user.as_str(), password.expose()));
    let mut mqtt = mqtt::options(
        &options.client_id,
        &options.address,
        credentials,
        &options.ca_file,
    );
    mqtt.set_keep_alive(options.keep_alive)
        .set_clean_session(!options.intake)
        .set_manual_acks(options.intake)
        .set_max_packet_size(options.max_packet, options.max_packet)
        .set_inflight(INFLIGHT);
    let (client, mut events) = AsyncClient::new(mqtt, options.queue);
    let mut network = events.network_options();
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    (Link(events), client)
}

pub(super) fn filters(filters: &[String]) -> Vec<SubscribeFilter> {
    filters
        .iter()
        .map(|f| SubscribeFilter::new(f.clone(), QoS::AtLeastOnce))
        .collect()
}

impl Link {
    pub(super) async fn poll(&mut self, events: &mut Vec<LinkEvent>) -> Result<(), LinkError> {
        let first = self.0.poll().await.map_err(failed)?;
        events.push(read(first));
        // One poll reads several packets but gives one: take the others without polling for each.
        events.extend(self.0.state.events.drain(..).map(read));
        Ok(())
    }

    pub(super) async fn acknowledge(&mut self, packets: &[u16]) -> Result<(), LinkError> {
        // Between connections there is nobody to tell; the broker sends the messages again.
        let Some(network) = &mut self.0.network else {
            return Ok(());
        };
        // Writing to the connection itself costs a fifth of the client's request queue, which
        // flushes after every acknowledgement.
        for packet in packets {
            network
                .write(Packet::PubAck(PubAck::new(*packet)))
                .await
                .map_err(|e| LinkError::Lost(e.into()))?;
        }
        network.flush().await.map_err(|e| LinkError::Lost(e.into()))
    }
}

fn failed(error: ConnectionError) -> LinkError {
    match error {
        ConnectionError::ConnectionRefused(code) => LinkError::refused(code),
        ConnectionError::Tls(error) => LinkError::Tls(error),
        error => LinkError::Lost(error.into()),
    }
}

fn read(event: Event) -> LinkEvent {
    match event {
        Event::Incoming(Packet::Publish(publish)) => LinkEvent::Publish(Incoming {
            packet: (publish.qos != QoS::AtMostOnce).then_some(publish.pkid),
            topic: Topic::Text(publish.topic),
            payload: publish.payload,
            retained: publish.retain,
        }),
        Event::Incoming(Packet::ConnAck(ack)) => LinkEvent::Connected {
            session_present: ack.session_present,
        },
        Event::Incoming(Packet::SubAck(ack)) => LinkEvent::Subscribed(
            ack.return_codes
                .iter()
                .all(|c| matches!(c, SubscribeReasonCode::Success(_))),
        ),
        _ => LinkEvent::Other,
    }
}
