//! MQTT 3.1.1 on rumqttc.

use std::time::Instant;

use connections::mqtt;
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, Packet, PubAck, Publish, QoS, Request, SubscribeFilter,
    SubscribeReasonCode,
};

use super::unconfirmed::{self, Unconfirmed};
use super::{Incoming, LinkError, LinkEvent, LinkOptions, Topic};

/// Publishes that may wait for the broker's acknowledgement.
const INFLIGHT: u16 = 4096;

/// A connection over MQTT 3.1.1.
pub struct Link {
    events: EventLoop,
    /// Only where it speaks.
    unconfirmed: Option<Unconfirmed<Publish>>,
}

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
        .set_clean_session(false)
        .set_manual_acks(options.intake)
        .set_max_packet_size(options.max_packet, options.max_packet)
        .set_inflight(INFLIGHT);
    let (client, mut events) = AsyncClient::new(mqtt, options.queue);
    let mut network = events.network_options();
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    let unconfirmed = (!options.intake).then(|| Unconfirmed::new(options.once));
    (Link { events, unconfirmed }, client)
}

pub(super) fn filters(filters: &[String]) -> Vec<SubscribeFilter> {
    filters
        .iter()
        .map(|f| SubscribeFilter::new(f.clone(), QoS::AtLeastOnce))
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
        // One poll reads several packets but gives one: take the others without polling for each.
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

    pub(super) async fn acknowledge(&mut self, packets: &[u16]) -> Result<(), LinkError> {
        // Between connections there is nobody to tell; the broker sends the messages again.
        let Some(network) = &mut self.events.network else {
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

impl unconfirmed::Packet for Publish {
    fn id(&mut self) -> &mut u16 {
        &mut self.pkid
    }
    fn repeated(&mut self) -> &mut bool {
        &mut self.dup
    }
    fn topic(&self) -> &[u8] {
        self.topic.as_bytes()
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

fn read(event: Event) -> LinkEvent {
    match event {
        Event::Incoming(Packet::Publish(publish)) => LinkEvent::Publish(Incoming {
            packet: (publish.qos != QoS::AtMostOnce).then_some(publish.pkid),
            topic: Topic::Text(publish.topic),
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
