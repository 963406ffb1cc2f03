//! An MQTT client for tests: publishes, and waits for the message it expects.

mod link;
mod options;

use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use self::link::{Handle, Heard, Link};
pub use self::options::MqttClientOptions;

/// Messages received and not yet expected; a test that never looks must not stall the broker.
const HELD: usize = 100_000;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MqttMessage {
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: Bytes,
}

/// The broker said no. In the errors of [`MqttClient`], for `downcast_ref`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the broker refused {what}: {reason}")]
pub struct Refused {
    /// `the connection`, `the subscription`, `the publish`.
    pub what: &'static str,
    /// The reason's name as rumqttc has it: `NotAuthorized`, `BadUserNamePassword`, `Failure`, …
    pub reason: String,
}

impl Refused {
    fn new(what: &'static str, reason: impl Debug) -> Self {
        let reason = format!("{reason:?}");
        Self { what, reason }
    }
}

/// The client; its connection ends without a word when it is dropped, so that the broker publishes its will.
#[derive(Debug)]
pub struct MqttClient {
    client: Handle,
    messages: mpsc::Receiver<MqttMessage>,
    words: mpsc::UnboundedReceiver<Result<(), Refused>>,
    /// Received, looked at, and not what was expected then.
    passed_over: Vec<MqttMessage>,
    driving: JoinHandle<()>,
}

impl MqttClient {
    /// Connects to a broker on loopback with a clean session, over MQTT 3.1.1.
    ///
    /// # Errors
    /// As [`MqttClient::connect_with`].
    pub async fn connect(port: u16, client_id: &str) -> anyhow::Result<Self> {
        Self::connect_with(&MqttClientOptions::new(port, client_id)).await
    }

    /// Connects.
    ///
    /// # Errors
    /// [`Refused`] with the broker's reason; another when TLS cannot be set up or the broker does not answer within
    /// ten seconds.
    pub async fn connect_with(options: &MqttClientOptions) -> anyhow::Result<Self> {
        let (client, mut link) = link::make(options)?;
        timeout(ANSWER_WITHIN, connected(&mut link))
            .await
            .context("the broker does not answer")??;
        let (received, messages) = mpsc::channel(HELD);
        let (telling, words) = mpsc::unbounded_channel();
        let driving = tokio::spawn(drive(link, received, telling));
        Ok(Self {
            client,
            messages,
            words,
            passed_over: Vec::new(),
            driving,
        })
    }

    /// Subscribes with QoS 1 and waits for the broker's word.
    ///
    /// # Errors
    /// [`Refused`]; another when the connection is gone.
    pub async fn subscribe(&mut self, filter: &str) -> anyhow::Result<()> {
        self.client.subscribe(filter).await?;
        self.word_of_the_broker().await
    }

    /// Publishes with QoS 1 and waits for the broker's word. Over MQTT 3.1.1 a broker cannot refuse: what is not
    /// allowed is acknowledged and thrown away.
    ///
    /// # Errors
    /// [`Refused`] (MQTT 5 only); another when the connection is gone.
    pub async fn publish(&mut self, topic: &str, payload: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        self.client.publish(topic, false, payload.into()).await?;
        self.word_of_the_broker().await
    }

    /// The same, for the broker to keep.
    ///
    /// # Errors
    /// As [`MqttClient::publish`].
    pub async fn publish_retained(&mut self, topic: &str, payload: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        self.client.publish(topic, true, payload.into()).await?;
        self.word_of_the_broker().await
    }

    /// Takes leave of the broker, which then publishes no will.
    ///
    /// # Errors
    /// When the connection has not ended after ten seconds.
    pub async fn disconnect(mut self) -> anyhow::Result<()> {
        // Gone already is as good.
        let _ = self.client.disconnect().await;
        self.closed(ANSWER_WITHIN).await
    }

    /// Waits until the broker (or the network) has ended the connection.
    ///
    /// # Errors
    /// When it is still there at the deadline.
    pub async fn closed(&mut self, within: Duration) -> anyhow::Result<()> {
        if self.driving.is_finished() {
            return Ok(());
        }
        match timeout(within, &mut self.driving).await {
            Ok(_) => Ok(()),
            Err(_) => bail!("the connection is still there after {within:?}"),
        }
    }

    /// Whether the connection is still there, as far as is known.
    pub fn is_connected(&self) -> bool {
        !self.driving.is_finished()
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
        let word = timeout(ANSWER_WITHIN, self.words.recv())
            .await
            .context("the broker does not answer")?;
        Ok(word.context("the connection to the broker is gone")??)
    }
}

impl Drop for MqttClient {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

async fn connected(link: &mut Link) -> anyhow::Result<()> {
    while !matches!(link.next().await?, Heard::Connected) {}
    Ok(())
}

/// Ends with the connection: a test that breaks it connects anew.
async fn drive(
    mut link: Link,
    received: mpsc::Sender<MqttMessage>,
    telling: mpsc::UnboundedSender<Result<(), Refused>>,
) {
    while let Ok(heard) = link.next().await {
        let taken = match heard {
            Heard::Message(message) => received.send(message).await.is_ok(),
            Heard::Word(word) => telling.send(word).is_ok(),
            Heard::Connected | Heard::Other => true,
        };
        if !taken {
            return;
        }
    }
}
