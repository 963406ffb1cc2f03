//! A client of either version over either transport, reduced to what a door is about: may it?

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rumqttc::{QoS, TlsConfiguration, Transport, v5};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::house::{House, password};

const WITHIN: Duration = Duration::from_secs(20);

/// How it comes to the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) v5: bool,
    pub(crate) tls: bool,
}

pub(crate) const MANNERS: [Manner; 4] = [
    Manner {
        v5: false,
        tls: false,
    },
    Manner { v5: false, tls: true },
    Manner { v5: true, tls: false },
    Manner { v5: true, tls: true },
];

/// What it says of itself; what is left out is not sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visitor {
    pub(crate) credentials: Option<(String, String)>,
    /// Topic of a retained last will.
    pub(crate) will: Option<String>,
    /// The CA it trusts; that of the house unless said otherwise.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) client_id: String,
}

impl Visitor {
    /// Somebody with the right password.
    pub(crate) fn named(username: &str) -> Self {
        Self {
            credentials: Some((username.to_owned(), password(username).reveal().to_owned())),
            ..Self::default()
        }
    }
}

enum Heard {
    Connected,
    Subscribed(bool),
    /// Whether the broker accepted it, which only version 5 tells.
    Published(Option<bool>),
    Message(String, Vec<u8>),
}

enum Speaker {
    V4(rumqttc::AsyncClient),
    V5(v5::AsyncClient),
}

/// It has been let in. What comes after the end of its connection is an error.
pub(crate) struct Client {
    speaker: Speaker,
    heard: mpsc::UnboundedReceiver<Heard>,
    messages: Vec<(String, Vec<u8>)>,
    driving: JoinHandle<()>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

impl Client {
    /// Knocks; an error says why it was not let in.
    pub(crate) async fn connect(house: &House, manner: Manner, visitor: Visitor) -> anyhow::Result<Self> {
        let port = if manner.tls { house.tls_port } else { house.port() };
        let transport = if manner.tls {
            let ca = visitor.ca_file.clone().unwrap_or_else(|| house.ca_file());
            Transport::Tls(TlsConfiguration::Rustls(common::tls::client(&ca)?))
        } else {
            Transport::Tcp
        };
        let (tell, heard) = mpsc::unbounded_channel();
        let (speaker, driving) = if manner.v5 {
            speak_v5(port, transport, visitor, tell)
        } else {
            speak_v4(port, transport, visitor, tell)
        };
        let mut client = Self {
            speaker,
            heard,
            messages: Vec::new(),
            driving,
        };
        match client.next().await? {
            Heard::Connected => Ok(client),
            _ => bail!("something came before the connection"),
        }
    }

    /// Whether it may subscribe to the filter.
    pub(crate) async fn subscribe(&mut self, filter: &str) -> anyhow::Result<bool> {
        match &self.speaker {
            Speaker::V4(client) => client.subscribe(filter, QoS::AtLeastOnce).await?,
            Speaker::V5(client) => client.subscribe(filter, v5::mqttbytes::QoS::AtLeastOnce).await?,
        }
        loop {
            if let Heard::Subscribed(granted) = self.next().await? {
                return Ok(granted);
            }
        }
    }

    /// Publishes, and waits until the broker has done with it; says what version 5 is told.
    pub(crate) async fn publish(&mut self, topic: &str, payload: &str) -> anyhow::Result<Option<bool>> {
        match &self.speaker {
            Speaker::V4(client) => client.publish(topic, QoS::AtLeastOnce, false, payload).await?,
            Speaker::V5(client) => {
                let qos = v5::mqttbytes::QoS::AtLeastOnce;
                client.publish(topic, qos, false, payload.to_owned()).await?;
            }
        }
        loop {
            if let Heard::Published(accepted) = self.next().await? {
                return Ok(accepted);
            }
        }
    }

    /// The next message with this payload; those before it are kept for [`Self::came`].
    pub(crate) async fn message(&mut self, payload: &str) -> anyhow::Result<String> {
        loop {
            if let Some(at) = self.messages.iter().position(|(_, p)| p == payload.as_bytes()) {
                return Ok(self.messages.remove(at).0);
            }
            self.next().await?;
        }
    }

    /// Whether a message with this payload has come, and forgets it.
    pub(crate) fn came(&mut self, payload: &str) -> bool {
        let before = self.messages.len();
        self.messages.retain(|(_, p)| p != payload.as_bytes());
        self.messages.len() < before
    }

    /// Waits until the broker ends the connection.
    pub(crate) async fn dropped(&mut self) -> anyhow::Result<()> {
        let ended = async { while self.heard.recv().await.is_some() {} };
        timeout(WITHIN, ended).await.context("the connection lasts")
    }

    async fn next(&mut self) -> anyhow::Result<Heard> {
        let heard = timeout(WITHIN, self.heard.recv())
            .await
            .context("the broker does not answer")?
            .context("the connection was refused or has ended")?;
        if let Heard::Message(topic, payload) = &heard {
            self.messages.push((topic.clone(), payload.clone()));
        }
        Ok(heard)
    }
}

/// The payload of a last will on `topic`.
pub(crate) fn will_on(topic: &str) -> String {
    format!("will on {topic}")
}

fn speak_v4(
    port: u16,
    transport: Transport,
    visitor: Visitor,
    tell: mpsc::UnboundedSender<Heard>,
) -> (Speaker, JoinHandle<()>) {
    use rumqttc::{AsyncClient, Event, LastWill, MqttOptions, Packet, SubscribeReasonCode};
    let mut options = MqttOptions::new(visitor.client_id, "localhost", port);
    options.set_transport(transport);
    if let Some((username, password)) = visitor.credentials {
        options.set_credentials(username, password);
    }
    if let Some(topic) = visitor.will {
        let payload = will_on(&topic);
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, true));
    }
    let (client, mut events) = AsyncClient::new(options, 16);
    let driving = tokio::spawn(async move {
        while let Ok(event) = events.poll().await {
            let heard = match event {
                Event::Incoming(Packet::ConnAck(_)) => Heard::Connected,
                Event::Incoming(Packet::SubAck(ack)) => {
                    Heard::Subscribed(!ack.return_codes.contains(&SubscribeReasonCode::Failure))
                }
                Event::Incoming(Packet::PubAck(_)) => Heard::Published(None),
                Event::Incoming(Packet::Publish(p)) => Heard::Message(p.topic, p.payload.to_vec()),
                _ => continue,
            };
            if tell.send(heard).is_err() {
                return;
            }
        }
    });
    (Speaker::V4(client), driving)
}

fn speak_v5(
    port: u16,
    transport: Transport,
    visitor: Visitor,
    tell: mpsc::UnboundedSender<Heard>,
) -> (Speaker, JoinHandle<()>) {
    use rumqttc::v5::mqttbytes::v5::{LastWill, Packet, PubAckReason, SubscribeReasonCode};
    use rumqttc::v5::{AsyncClient, Event, MqttOptions, mqttbytes};
    let mut options = MqttOptions::new(visitor.client_id, "localhost", port);
    options.set_transport(transport);
    if let Some((username, password)) = visitor.credentials {
        options.set_credentials(username, password);
    }
    if let Some(topic) = visitor.will {
        let (payload, qos) = (will_on(&topic), mqttbytes::QoS::AtLeastOnce);
        options.set_last_will(LastWill::new(topic, payload, qos, true, None));
    }
    let (client, mut events) = AsyncClient::new(options, 16);
    let driving = tokio::spawn(async move {
        while let Ok(event) = events.poll().await {
            let heard = match event {
                Event::Incoming(Packet::ConnAck(_)) => Heard::Connected,
                Event::Incoming(Packet::SubAck(ack)) => {
                    let granted = |code: &_| matches!(code, SubscribeReasonCode::Success(_));
                    Heard::Subscribed(ack.return_codes.iter().all(granted))
                }
                Event::Incoming(Packet::PubAck(ack)) => Heard::Published(Some(matches!(
                    ack.reason,
                    PubAckReason::Success | PubAckReason::NoMatchingSubscribers
                ))),
                Event::Incoming(Packet::Publish(p)) => {
                    let topic = String::from_utf8_lossy(&p.topic).into_owned();
                    Heard::Message(topic, p.payload.to_vec())
                }
                _ => continue,
            };
            if tell.send(heard).is_err() {
                return;
            }
        }
    });
    (Speaker::V5(client), driving)
}
