//! MQTT 3.1.1 and 5 packets by rumqttc's codecs, reduced to what a pile says and hears.

use bytes::{Bytes, BytesMut};
use rumqttc::mqttbytes::{Error as Error4, QoS as QoS4, v4};
use rumqttc::v5::mqttbytes::{Error as Error5, QoS as QoS5, v5};

/// Largest packet taken from a broker.
const MAX_PACKET: usize = 1 << 20;

/// Protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V4,
    V5,
}

/// What a client says when it connects.
#[derive(Debug, Clone)]
pub(crate) struct Hello {
    pub(crate) client_id: String,
    pub(crate) login: Option<(String, String)>,
    pub(crate) keep_alive_s: u16,
    /// Topic and payload of a retained will.
    pub(crate) will: Option<(String, &'static str)>,
}

/// What a broker says.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Accepted; how many unacknowledged publishes the broker takes.
    Accepted {
        receive_max: u16,
    },
    /// Refused, with the broker's reason.
    Refused(String),
    Publish {
        topic: Bytes,
        pkid: u16,
        needs_ack: bool,
        payload: Bytes,
    },
    PubAck(u16),
    /// The answer to a subscription; false if a filter was refused.
    Subscribed(bool),
    Disconnected,
    Other,
}

/// The bytes are no MQTT.
#[derive(Debug)]
pub(crate) struct BadPacket(pub(crate) String);

impl Version {
    pub(crate) fn connect(self, hello: &Hello, out: &mut BytesMut) {
        let login = hello.login.clone();
        let written = match self {
            Self::V4 => {
                let mut connect = v4::Connect::new(hello.client_id.clone());
                connect.keep_alive = hello.keep_alive_s;
                connect.login = login.map(|(user, password)| v4::Login::new(user, password));
                let will = hello.will.clone();
                connect.last_will =
                    will.map(|(topic, payload)| v4::LastWill::new(topic, payload, QoS4::AtLeastOnce, true));
                connect.write(out).is_ok()
            }
            Self::V5 => {
                let connect = v5::Connect {
                    keep_alive: hello.keep_alive_s,
                    client_id: hello.client_id.clone(),
                    clean_start: true,
                    properties: None,
                };
                let login = login.map(|(user, password)| v5::Login::new(user, password));
                let will = hello.will.clone();
                let will =
                    will.map(|(topic, text)| v5::LastWill::new(topic, text, QoS5::AtLeastOnce, true, None));
                v5::Packet::Connect(connect, will, login).write(out, None).is_ok()
            }
        };
        debug_assert!(written, "a CONNECT of these parts is always well-formed");
    }

    /// A QoS 1 publish.
    pub(crate) fn publish(
        self,
        topic: &str,
        payload: Bytes,
        pkid: u16,
        retain: bool,
        dup: bool,
        out: &mut BytesMut,
    ) {
        let written = match self {
            Self::V4 => {
                let qos = QoS4::AtLeastOnce;
                v4::Publish {
                    dup,
                    qos,
                    retain,
                    topic: topic.to_owned(),
                    pkid,
                    payload,
                }
                .write(out)
                .is_ok()
            }
            Self::V5 => {
                let (qos, topic) = (QoS5::AtLeastOnce, Bytes::copy_from_slice(topic.as_bytes()));
                v5::Publish {
                    dup,
                    qos,
                    retain,
                    topic,
                    pkid,
                    payload,
                    properties: None,
                }
                .write(out)
                .is_ok()
            }
        };
        debug_assert!(written, "the packet id is never zero and payloads are small");
    }

    pub(crate) fn subscribe(self, filters: &[String], pkid: u16, out: &mut BytesMut) {
        let written = match self {
            Self::V4 => {
                let filters = filters
                    .iter()
                    .map(|path| v4::SubscribeFilter::new(path.clone(), QoS4::AtLeastOnce));
                let mut subscribe = v4::Subscribe::new_many(filters);
                subscribe.pkid = pkid;
                subscribe.write(out).is_ok()
            }
            Self::V5 => {
                let filters = filters
                    .iter()
                    .map(|path| v5::Filter::new(path.clone(), QoS5::AtLeastOnce));
                let mut subscribe = v5::Subscribe::new_many(filters, None);
                subscribe.pkid = pkid;
                subscribe.write(out).is_ok()
            }
        };
        debug_assert!(written, "there is at least one filter");
    }

    pub(crate) fn puback(self, pkid: u16, out: &mut BytesMut) {
        // The shortest PUBACK is the same in both versions.
        let written = v4::PubAck::new(pkid).write(out).is_ok();
        debug_assert!(written, "a PUBACK is always well-formed");
    }

    pub(crate) fn ping(self, out: &mut BytesMut) {
        out.extend_from_slice(&[0xC0, 0]);
    }

    pub(crate) fn disconnect(self, out: &mut BytesMut) {
        // A normal disconnection of either version: no body.
        out.extend_from_slice(&[0xE0, 0]);
    }

    /// Takes the next whole packet off the front of `bytes`.
    pub(crate) fn read(self, bytes: &mut BytesMut) -> Result<Option<Heard>, BadPacket> {
        match self {
            Self::V4 => match v4::Packet::read(bytes, MAX_PACKET) {
                Ok(packet) => Ok(Some(from_v4(packet))),
                Err(Error4::InsufficientBytes(_)) => Ok(None),
                Err(error) => Err(BadPacket(error.to_string())),
            },
            Self::V5 => match v5::Packet::read(bytes, u32::try_from(MAX_PACKET).ok()) {
                Ok(packet) => Ok(Some(from_v5(packet))),
                Err(Error5::InsufficientBytes(_)) => Ok(None),
                Err(error) => Err(BadPacket(error.to_string())),
            },
        }
    }
}

fn from_v4(packet: v4::Packet) -> Heard {
    match packet {
        v4::Packet::ConnAck(ack) if ack.code == v4::ConnectReturnCode::Success => Heard::Accepted {
            receive_max: u16::MAX,
        },
        v4::Packet::ConnAck(ack) => Heard::Refused(format!("{:?}", ack.code)),
        v4::Packet::Publish(publish) => Heard::Publish {
            topic: publish.topic.into(),
            pkid: publish.pkid,
            needs_ack: publish.qos == QoS4::AtLeastOnce,
            payload: publish.payload,
        },
        v4::Packet::PubAck(ack) => Heard::PubAck(ack.pkid),
        v4::Packet::SubAck(ack) => {
            Heard::Subscribed(!ack.return_codes.contains(&v4::SubscribeReasonCode::Failure))
        }
        v4::Packet::Disconnect => Heard::Disconnected,
        _ => Heard::Other,
    }
}

fn from_v5(packet: v5::Packet) -> Heard {
    match packet {
        v5::Packet::ConnAck(ack) if ack.code == v5::ConnectReturnCode::Success => {
            let receive_max = ack.properties.and_then(|properties| properties.receive_max);
            Heard::Accepted {
                receive_max: receive_max.unwrap_or(u16::MAX),
            }
        }
        v5::Packet::ConnAck(ack) => Heard::Refused(format!("{:?}", ack.code)),
        v5::Packet::Publish(publish) => Heard::Publish {
            topic: publish.topic,
            pkid: publish.pkid,
            needs_ack: publish.qos == QoS5::AtLeastOnce,
            payload: publish.payload,
        },
        v5::Packet::PubAck(ack) => Heard::PubAck(ack.pkid),
        v5::Packet::SubAck(ack) => {
            let granted =
                |code: &v5::SubscribeReasonCode| matches!(code, v5::SubscribeReasonCode::Success(_));
            Heard::Subscribed(ack.return_codes.iter().all(granted))
        }
        v5::Packet::Disconnect(_) => Heard::Disconnected,
        _ => Heard::Other,
    }
}
