//! MQTT 5 on rumqttc. Its connection is private to the library, so acknowledgements take the request
//! queue and are flushed one by one: correct, but about four times the cost of 3.1.1's.

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};

use super::{Incoming, LinkError, LinkEvent, LinkOptions, Topic};

/// Publishes that may wait for the broker's acknowledgement.
const INFLIGHT: u16 = 4096;

/// A connection over MQTT 5.
pub struct Link {
    events: EventLoop,
    client: AsyncClient,
}

pub(super) fn connect(options: &LinkOptions) -> (Link, AsyncClient) {
    let mut mqtt = MqttOptions::new(&options.client_id, &options.address.host, options.address.port);
    let expiry = u32::try_from(options.session_expiry.as_secs()).unwrap_or(u32::MAX);
    // Every acknowledgement of a full window must find room in the queue.
    let queue = options.queue + usize::from(options.receive_maximum);
    mqtt.set_keep_alive(options.keep_alive)
        .set_clean_start(!options.intake)
        .set_session_expiry_interval(options.intake.then_some(expiry))
        .set_manual_acks(options.intake)
        .set_receive_maximum(options.intake.then_some(options.receive_maximum))
        .set_max_packet_size(Some(u32::try_from(options.max_packet).unwrap_or(u32::MAX)))
        .set_outgoing_inflight_upper_limit(INFLIGHT)
        .set_request_channel_capacity(queue)
        .set_transport(connections::mqtt::transport(&options.ca_file));
    if let Some((user, password)) = &options.credentials {
        mqtt.set_credentials(user, password.expose());
    }
    let mut network = mqtt.network_options();
    network.set_tcp_nodelay(true);
    mqtt.set_network_options(network);
    let (client, events) = AsyncClient::new(mqtt, queue);
    (
        Link {
            events,
            client: client.clone(),
        },
        client,
    )
}

pub(super) fn filters(filters: &[String]) -> Vec<Filter> {
    filters
        .iter()
        .map(|f| Filter::new(f.clone(), QoS::AtLeastOnce))
        .collect()
}

impl Link {
    pub(super) async fn poll(&mut self, events: &mut Vec<LinkEvent>) -> Result<(), LinkError> {
        let first = self.events.poll().await.map_err(failed)?;
        events.push(read(first));
        events.extend(self.events.state.events.drain(..).map(read));
        Ok(())
    }

    pub(super) fn acknowledge(&self, packets: &[u16]) {
        acknowledge(&self.client, packets);
    }
}

fn failed(error: ConnectionError) -> LinkError {
    match error {
        ConnectionError::ConnectionRefused(code) => LinkError::refused(code),
        ConnectionError::Tls(error) => LinkError::Tls(error),
        error => LinkError::Lost(error.into()),
    }
}

/// The queue has room for a whole window, so the only failure is a connection loop that has ended.
pub(super) fn acknowledge(client: &AsyncClient, packets: &[u16]) {
    for packet in packets {
        let received = Publish {
            pkid: *packet,
            qos: QoS::AtLeastOnce,
            ..Publish::default()
        };
        if client.try_ack(&received).is_err() {
            tracing::debug!(packet, "not acknowledged; the broker sends it again");
        }
    }
}

fn read(event: Event) -> LinkEvent {
    match event {
        Event::Incoming(Packet::Publish(publish)) => LinkEvent::Publish(Incoming {
            packet: (publish.qos != QoS::AtMostOnce).then_some(publish.pkid),
            topic: Topic::Bytes(publish.topic),
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
