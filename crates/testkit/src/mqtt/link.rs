//! rumqttc's two clients, for MQTT 3.1.1 and 5, behind one face.

use anyhow::Context;
use rumqttc::{Transport, v5};

use super::{MqttClientOptions, MqttMessage, Refused};

const QUEUE: usize = 1000;
const MAX_PACKET: u32 = 2 << 20;
const SESSION_EXPIRY_S: u32 = 3600;

/// What comes from the broker, as far as a test cares.
#[derive(Debug)]
pub(super) enum Heard {
    Connected,
    Message(MqttMessage),
    /// The word on a subscription or a publish.
    Word(Result<(), Refused>),
    Other,
}

/// Drives a connection.
pub(super) enum Link {
    V4(Box<rumqttc::EventLoop>),
    V5(Box<v5::EventLoop>),
}

/// Speaks through it.
#[derive(Debug, Clone)]
pub(super) enum Handle {
    V4(rumqttc::AsyncClient),
    V5(v5::AsyncClient),
}

pub(super) fn make(options: &MqttClientOptions) -> anyhow::Result<(Handle, Link)> {
    Ok(if options.v5 {
        make_v5(options)?
    } else {
        make_v4(options)?
    })
}

fn transport(options: &MqttClientOptions) -> anyhow::Result<Transport> {
    let Some(ca_file) = &options.ca_file else {
        return Ok(Transport::tcp());
    };
    let config = common::tls::client(ca_file).context("TLS")?;
    Ok(Transport::tls_with_config(rumqttc::TlsConfiguration::Rustls(
        config,
    )))
}

fn make_v4(options: &MqttClientOptions) -> anyhow::Result<(Handle, Link)> {
    use rumqttc::{AsyncClient, LastWill, MqttOptions, QoS};
    let mut mqtt = MqttOptions::new(&options.client_id, &options.host, options.port);
    mqtt.set_keep_alive(options.keep_alive)
        .set_clean_session(!options.keep_session)
        .set_max_packet_size(MAX_PACKET as usize, MAX_PACKET as usize)
        .set_transport(transport(options)?);
    if let Some((username, password)) = &options.credentials {
        mqtt.set_credentials(username, password);
    }
    if let Some((topic, payload)) = &options.will {
        mqtt.set_last_will(LastWill::new(topic, payload.clone(), QoS::AtLeastOnce, false));
    }
    let (client, events) = AsyncClient::new(mqtt, QUEUE);
    Ok((Handle::V4(client), Link::V4(Box::new(events))))
}

fn make_v5(options: &MqttClientOptions) -> anyhow::Result<(Handle, Link)> {
    use v5::mqttbytes::{QoS, v5::LastWill};
    use v5::{AsyncClient, MqttOptions};
    let mut mqtt = MqttOptions::new(&options.client_id, &options.host, options.port);
    mqtt.set_keep_alive(options.keep_alive)
        .set_clean_start(!options.keep_session)
        .set_session_expiry_interval(options.keep_session.then_some(SESSION_EXPIRY_S))
        .set_max_packet_size(Some(MAX_PACKET))
        .set_transport(transport(options)?);
    if let Some((username, password)) = &options.credentials {
        mqtt.set_credentials(username, password);
    }
    if let Some((topic, payload)) = &options.will {
        let payload = payload.clone();
        mqtt.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, false, None));
    }
    let (client, events) = AsyncClient::new(mqtt, QUEUE);
    Ok((Handle::V5(client), Link::V5(Box::new(events))))
}

impl Handle {
    pub(super) async fn subscribe(&self, filter: &str) -> anyhow::Result<()> {
        match self {
            Self::V4(client) => client.subscribe(filter, rumqttc::QoS::AtLeastOnce).await?,
            Self::V5(client) => client.subscribe(filter, v5::mqttbytes::QoS::AtLeastOnce).await?,
        }
        Ok(())
    }

    pub(super) async fn publish(&self, topic: &str, retain: bool, payload: Vec<u8>) -> anyhow::Result<()> {
        match self {
            Self::V4(client) => {
                let qos = rumqttc::QoS::AtLeastOnce;
                client.publish(topic, qos, retain, payload).await?;
            }
            Self::V5(client) => {
                let qos = v5::mqttbytes::QoS::AtLeastOnce;
                client.publish(topic, qos, retain, payload).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn disconnect(&self) -> anyhow::Result<()> {
        match self {
            Self::V4(client) => client.disconnect().await?,
            Self::V5(client) => client.disconnect().await?,
        }
        Ok(())
    }
}

impl Link {
    /// The next event; a refused connection is an error that holds [`Refused`].
    pub(super) async fn next(&mut self) -> anyhow::Result<Heard> {
        match self {
            Self::V4(events) => match events.poll().await {
                Ok(event) => Ok(read_v4(event)),
                Err(rumqttc::ConnectionError::ConnectionRefused(code)) => {
                    Err(Refused::new("the connection", code).into())
                }
                Err(error) => Err(error.into()),
            },
            Self::V5(events) => match events.poll().await {
                Ok(event) => Ok(read_v5(event)),
                Err(v5::ConnectionError::ConnectionRefused(code)) => {
                    Err(Refused::new("the connection", code).into())
                }
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn read_v4(event: rumqttc::Event) -> Heard {
    use rumqttc::{Event, Packet, SubscribeReasonCode};
    let Event::Incoming(packet) = event else {
        return Heard::Other;
    };
    match packet {
        Packet::ConnAck(_) => Heard::Connected,
        Packet::Publish(publish) => Heard::Message(MqttMessage {
            topic: publish.topic,
            payload: publish.payload,
        }),
        // With 3.1.1 a broker has no way to say that it threw a publish away.
        Packet::PubAck(_) => Heard::Word(Ok(())),
        Packet::SubAck(ack) => {
            let refused = ack
                .return_codes
                .iter()
                .find(|c| **c == SubscribeReasonCode::Failure);
            Heard::Word(refused.map_or(Ok(()), |code| Err(Refused::new("the subscription", code))))
        }
        _ => Heard::Other,
    }
}

fn read_v5(event: v5::Event) -> Heard {
    use v5::mqttbytes::v5::{Packet, PubAckReason, SubscribeReasonCode};
    let v5::Event::Incoming(packet) = event else {
        return Heard::Other;
    };
    match packet {
        Packet::ConnAck(_) => Heard::Connected,
        Packet::Publish(publish) => Heard::Message(MqttMessage {
            topic: String::from_utf8_lossy(&publish.topic).into_owned(),
            payload: publish.payload,
        }),
        Packet::PubAck(ack) => Heard::Word(match ack.reason {
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
            reason => Err(Refused::new("the publish", reason)),
        }),
        Packet::SubAck(ack) => {
            let granted = |code: &&SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
            let refused = ack.return_codes.iter().find(|code| !granted(code));
            Heard::Word(refused.map_or(Ok(()), |code| Err(Refused::new("the subscription", code))))
        }
        _ => Heard::Other,
    }
}
