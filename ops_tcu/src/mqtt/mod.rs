//! The broker connections, behind one face for MQTT 3.1.1 and 5; knows no topic and no actor.

mod health;
mod options;
mod unconfirmed;
mod v4;
mod v5;

pub use health::Health;
pub use options::{LinkOptions, Version};
pub use unconfirmed::Once;

use bytes::Bytes;

/// What a connection has to tell.
#[derive(Debug)]
pub enum LinkEvent {
    /// The broker accepted the connection; with no session present it has forgotten subscriptions.
    Connected {
        /// Whether the broker kept the session.
        session_present: bool,
    },
    /// A message came.
    Publish(Incoming),
    /// The broker answered a subscription; true if it granted every filter.
    Subscribed(bool),
    /// Something else: pings, acknowledgements of what was sent.
    Other,
}

/// A message as it came from the broker.
#[derive(Debug)]
pub struct Incoming {
    /// The topic.
    pub topic: Topic,
    /// The payload, sharing the connection's read buffer.
    pub payload: Bytes,
    /// Whether the broker had kept it from earlier: nobody has sent it just now.
    pub retained: bool,
    /// Whether the broker marks it as delivered before.
    pub again: bool,
    /// The packet id to acknowledge; `None` for QoS 0.
    pub packet: Option<u16>,
}

/// A topic in the form in which the connection has it at hand.
#[derive(Debug)]
pub enum Topic {
    /// MQTT 3.1.1.
    Text(String),
    /// MQTT 5.
    Bytes(Bytes),
}

impl Topic {
    /// The topic as text; bytes that are not UTF-8 read as an empty, hence foreign, topic.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Bytes(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
        }
    }
}

/// The connection was lost or refused; polling again connects anew.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nobody is there, or no longer.
    #[error("no connection to the broker: {0}")]
    Lost(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The broker answered that it does not want us.
    #[error("the broker refuses the connection ({reason}): {advice}")]
    Refused {
        /// The reason's name in the protocol.
        reason: String,
        /// What people can do.
        advice: &'static str,
    },
    /// Who answers is not the broker that is meant, or does not speak TLS.
    #[error(
        "no TLS with the broker ({0}): check mqtt.ca_file and that mqtt.brokers names the broker's TLS port by \
             the name in its certificate"
    )]
    Tls(#[source] rumqttc::TlsError),
}

impl LinkError {
    /// What the broker's reason means for people; both versions of MQTT name them alike.
    fn refused(reason: impl std::fmt::Debug) -> Self {
        let reason = format!("{reason:?}");
        let advice = match reason.as_str() {
            "NotAuthorized" | "BadUserNamePassword" | "Banned" | "BadAuthenticationMethod" => {
                "check mqtt.username and mqtt.password (OPS__MQTT__USERNAME, OPS__MQTT__PASSWORD), and that the broker \
                 has this account and has not disabled it"
            }
            "BadClientId" | "ClientIdentifierNotValid" => "choose another mqtt.client_id",
            "RefusedProtocolVersion" | "UnsupportedProtocolVersion" => "choose the other mqtt.version",
            _ => "see the broker's log",
        };
        Self::Refused { reason, advice }
    }
}

/// One connection, driven by its only caller.
pub enum Link {
    /// MQTT 3.1.1.
    V4(Box<v4::Link>),
    /// MQTT 5.
    V5(Box<v5::Link>),
}

impl Link {
    /// A connection that is not yet made, and the handle to publish and subscribe through it.
    pub fn new(options: &LinkOptions) -> (Self, Handle) {
        match options.version {
            Version::V311 => {
                let (link, client) = v4::connect(options);
                (Self::V4(Box::new(link)), Handle::V4(client))
            }
            Version::V5 => {
                let (link, client) = v5::connect(options);
                (Self::V5(Box::new(link)), Handle::V5(client))
            }
        }
    }

    /// Drives the connection until something happens and appends all that has.
    ///
    /// Cancelling is safe for what comes in. A ping or subscription caught in a full socket may be
    /// lost by it; the next keep-alive then ends the connection and all is done again.
    ///
    /// # Errors
    /// [`LinkError`] when the connection is lost; call again, after a pause, to reconnect.
    pub async fn poll(&mut self, events: &mut Vec<LinkEvent>) -> Result<(), LinkError> {
        match self {
            Self::V4(link) => link.poll(events).await,
            Self::V5(link) => link.poll(events).await,
        }
    }

    /// Acknowledges messages that came over the current connection, in one write where the library
    /// lets us.
    ///
    /// # Errors
    /// [`LinkError`] if the connection is gone; the broker will send the messages again.
    pub async fn acknowledge(&mut self, packets: &[u16]) -> Result<(), LinkError> {
        match self {
            Self::V4(link) => link.acknowledge(packets).await,
            Self::V5(link) => {
                link.acknowledge(packets);
                Ok(())
            }
        }
    }
}

/// Publishes and subscribes through a connection that somebody else drives.
#[derive(Clone)]
pub enum Handle {
    /// MQTT 3.1.1.
    V4(rumqttc::AsyncClient),
    /// MQTT 5.
    V5(rumqttc::v5::AsyncClient),
}

/// The connection's queue is full (the broker is away or slow), so nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("the queue to the broker is full")]
pub struct QueueFull;

impl Handle {
    /// Queues a publish at QoS 1.
    ///
    /// # Errors
    /// [`QueueFull`] if the queue has no room.
    pub fn publish(&self, topic: String, payload: Bytes) -> Result<(), QueueFull> {
        match self {
            Self::V4(client) => client
                .try_publish(topic, rumqttc::QoS::AtLeastOnce, false, payload)
                .map_err(|_| QueueFull),
            Self::V5(client) => client
                .try_publish(topic, rumqttc::v5::mqttbytes::QoS::AtLeastOnce, false, payload)
                .map_err(|_| QueueFull),
        }
    }

    /// Queues a subscription to all of `filters` at QoS 1.
    ///
    /// # Errors
    /// [`QueueFull`] if the queue has no room.
    pub fn subscribe(&self, filters: &[String]) -> Result<(), QueueFull> {
        match self {
            Self::V4(client) => client
                .try_subscribe_many(v4::filters(filters))
                .map_err(|_| QueueFull),
            Self::V5(client) => client
                .try_subscribe_many(v5::filters(filters))
                .map_err(|_| QueueFull),
        }
    }

    /// Queues acknowledgements, where that is how this version does it; false where only the
    /// connection itself can ([`Link::acknowledge`]).
    pub fn acknowledge(&self, packets: &[u16]) -> bool {
        match self {
            Self::V4(_) => false,
            Self::V5(client) => {
                v5::acknowledge(client, packets);
                true
            }
        }
    }

    /// Queues the end of a subscription.
    ///
    /// # Errors
    /// [`QueueFull`] if the queue has no room.
    pub fn unsubscribe(&self, filter: String) -> Result<(), QueueFull> {
        match self {
            Self::V4(client) => client.try_unsubscribe(filter).map_err(|_| QueueFull),
            Self::V5(client) => client.try_unsubscribe(filter).map_err(|_| QueueFull),
        }
    }

    /// Queues an orderly end of the connection.
    ///
    /// # Errors
    /// [`QueueFull`] if the queue has no room.
    pub fn disconnect(&self) -> Result<(), QueueFull> {
        match self {
            Self::V4(client) => client.try_disconnect().map_err(|_| QueueFull),
            Self::V5(client) => client.try_disconnect().map_err(|_| QueueFull),
        }
    }
}
