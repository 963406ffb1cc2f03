//! MQTT 5 on rumqttc. Its connection is private to the library, so acknowledgements take the request
//! queue and are flushed one by one: correct, but about four times the cost of 3.1.1's.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Request};

use super::unconfirmed::{self, Unconfirmed};
use super::{Incoming, LinkError, LinkEvent, LinkOptions, Topic};

/// Publishes that may wait for the broker's acknowledgement.
const INFLIGHT: u16 = 4096;

/// A connection over MQTT 5.
pub struct Link {
    events: EventLoop,
    client: AsyncClient,
    /// Only where it speaks.
    unconfirmed: Option<Unconfirmed<Publish>>,
}

pub(super) fn connect(options: &LinkOptions) -> (Link, AsyncClient) {
    let mut mqtt = MqttOptions::new(&options.client_id, &options.address.host, options.address.port);
    let expiry = u32::try_from(options.session_expiry.as_secs()).unwrap_or(u32::MAX);
    // Every acknowledgement of a full window must find room in the queue.
    let queue = options.queue + usize::from(options.receive_maximum);
    mqtt.set_keep_alive(options.keep_alive)
        .set_clean_start(false)
        .set_session_expiry_interval(Some(expiry))
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
            unconfirmed: (!options.intake).then(|| Unconfirmed::new(options.once)),
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
        let first = match self.events.poll().await {
            Ok(event) => event,
            Err(error) => {
                self.set_aside();
                return Err(failed(error));
            }
        };
        if let Event::Incoming(Packet::ConnAck(ack)) = &first {
            self.resume(ack.session_present);
        }
        events.push(read(first));
        events.extend(self.events.state.events.drain(..).map(read));
        Ok(())
    }

    /// Takes what the broker has not confirmed out of the library's hands, before it forgets it.
    fn set_aside(&mut self) {
        let Some(unconfirmed) = &mut self.unconfirmed else {
            return;
        };
        unconfirmed.lost(Instant::now());
        // Written ones first, then the one that waited for its number, then those that nobody has taken yet.
        let collided = self.events.state.collision.take().map(|mut publish| {
            publish.pkid = 0;
            publish
        });
        let (mut written, mut waiting) = (Vec::new(), Vec::new());
        for request in self.events.pending.drain(..) {
            match request {
                Request::Publish(publish) if publish.pkid != 0 => written.push(publish),
                Request::Publish(publish) => waiting.push(publish),
                // The last word is said again when the connection stands.
                _ => {}
            }
        }
        let all = written.into_iter().chain(collided).chain(waiting);
        all.for_each(|publish| unconfirmed.add(publish));
    }

    fn resume(&mut self, session_present: bool) {
        let Some(unconfirmed) = &mut self.unconfirmed else {
            return;
        };
        let (again, given_up) = unconfirmed.resume(session_present, Instant::now());
        metrics::counter!("ops_tcu_commands_total", "kind" => "given_up").increment(given_up);
        self.events
            .pending
            .extend(again.into_iter().map(Request::Publish));
    }

    pub(super) fn acknowledge(&self, packets: &[u16]) {
        acknowledge(&self.client, packets);
    }
}

impl unconfirmed::Packet for Publish {
    fn id(&mut self) -> &mut u16 {
        &mut self.pkid
    }
    fn repeated(&mut self) -> &mut bool {
        &mut self.dup
    }
    fn topic(&self) -> &[u8] {
        &self.topic
    }
    fn payload(&self) -> &[u8] {
        &self.payload
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
            again: publish.dup,
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
