//! An MQTT 3.1.1 client for tests: publishes, and waits for the message it expects.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// Messages received and not yet expected; a test that never looks must not stall the broker.
const HELD: usize = 100_000;
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MqttMessage {
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: Bytes,
}

/// The client; its connection ends when it is dropped.
#[derive(Debug)]
pub struct MqttClient {
    client: AsyncClient,
    messages: mpsc::Receiver<MqttMessage>,
    acknowledged: mpsc::UnboundedReceiver<()>,
    /// Received, looked at, and not what was expected then.
    passed_over: Vec<MqttMessage>,
    driving: JoinHandle<()>,
}

impl MqttClient {
    /// Connects to a broker on loopback with a clean session.
    ///
    /// # Errors
    /// When the broker does not accept within ten seconds.
    pub async fn connect(port: u16, client_id: &str) -> anyhow::Result<Self> {
        let mut options = MqttOptions::new(client_id, "127.0.0.1", port);
        options
            .set_keep_alive(Duration::from_secs(30))
            .set_max_packet_size(2 << 20, 2 << 20);
        let (client, mut events) = AsyncClient::new(options, 1000);
        timeout(CONNECT_WITHIN, connected(&mut events))
            .await
            .context("the broker does not answer")??;
        let (received, messages) = mpsc::channel(HELD);
        let (acknowledging, acknowledged) = mpsc::unbounded_channel();
        let driving = tokio::spawn(drive(events, received, acknowledging));
        Ok(Self {
            client,
            messages,
            acknowledged,
            passed_over: Vec::new(),
            driving,
        })
    }

    /// Subscribes with QoS 1 and waits for the broker's word.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn subscribe(&mut self, filter: &str) -> anyhow::Result<()> {
        self.client.subscribe(filter, QoS::AtLeastOnce).await?;
        self.word_of_the_broker().await
    }

    /// Publishes with QoS 1 and waits for the broker's word.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn publish(&mut self, topic: &str, payload: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        self.client
            .publish(topic, QoS::AtLeastOnce, false, payload)
            .await?;
        self.word_of_the_broker().await
    }

    /// The first message, already here or still to come, on `topic` for which `wanted` holds. Others are kept for
    /// later expectations.
    ///
    /// # Errors
    /// When none comes by the deadline; the topics that did come are in the error.
    pub async fn expect(
        &mut self,
        topic: &str,
        wanted: impl Fn(&[u8]) -> bool,
        within: Duration,
    ) -> anyhow::Result<MqttMessage> {
        let is_it = |message: &MqttMessage| message.topic == topic && wanted(&message.payload);
        if let Some(at) = self.passed_over.iter().position(is_it) {
            return Ok(self.passed_over.remove(at));
        }
        let deadline = Instant::now() + within;
        while let Ok(received) = timeout_at(deadline, self.messages.recv()).await {
            let message = received.context("the connection to the broker is gone")?;
            if is_it(&message) {
                return Ok(message);
            }
            self.passed_over.push(message);
        }
        let seen: Vec<_> = self.passed_over.iter().map(|m| m.topic.as_str()).collect();
        bail!("nothing expected on {topic} within {within:?}; came: {seen:?}")
    }

    /// Everything received so far that no expectation took.
    pub fn received(&mut self) -> Vec<MqttMessage> {
        while let Ok(message) = self.messages.try_recv() {
            self.passed_over.push(message);
        }
        std::mem::take(&mut self.passed_over)
    }

    async fn word_of_the_broker(&mut self) -> anyhow::Result<()> {
        let word = timeout(CONNECT_WITHIN, self.acknowledged.recv())
            .await
            .context("the broker does not answer")?;
        word.context("the connection to the broker is gone")
    }
}

impl Drop for MqttClient {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

async fn connected(events: &mut EventLoop) -> anyhow::Result<()> {
    loop {
        if let Event::Incoming(Packet::ConnAck(_)) = events.poll().await? {
            return Ok(());
        }
    }
}

/// Ends with the connection: a test that breaks it connects anew.
async fn drive(
    mut events: EventLoop,
    received: mpsc::Sender<MqttMessage>,
    acknowledging: mpsc::UnboundedSender<()>,
) {
    while let Ok(event) = events.poll().await {
        let taken = match event {
            Event::Incoming(Packet::Publish(p)) => received
                .send(MqttMessage {
                    topic: p.topic,
                    payload: p.payload,
                })
                .await
                .is_ok(),
            Event::Incoming(Packet::PubAck(_) | Packet::SubAck(_)) => acknowledging.send(()).is_ok(),
            _ => true,
        };
        if !taken {
            return;
        }
    }
}
