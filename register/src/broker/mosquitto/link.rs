//! The connection over which one Mosquitto is told, and its answers awaited: one message at a time.

use std::sync::Arc;
use std::time::Duration;

use common::address::Address;
use common::backoff::Backoff;
use connections::mqtt::{self, credentials};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::command::{self, Reply};
use crate::broker::BrokerError;
use crate::config::MqttConfig;

const CONTROL: &str = "$CONTROL/dynamic-security/v1";
const RESPONSE: &str = "$CONTROL/dynamic-security/v1/response";

/// The broker rewrites its whole file for every command and does nothing else meanwhile; with 200,000 accounts one
/// takes seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// The broker does not answer pings while it writes its file.
const KEEP_ALIVE: Duration = Duration::from_secs(120);
/// A page of verbose roles is some hundred kilobytes.
const MAX_PACKET: usize = 64 << 20;
const WAITING: usize = 256;

type Answers = Result<Vec<Reply>, BrokerError>;

struct Question {
    commands: Vec<Value>,
    answer: oneshot::Sender<Answers>,
}

/// A handle on the connection; the connection ends with the last handle.
#[derive(Debug, Clone)]
pub(super) struct Link {
    name: Arc<str>,
    questions: mpsc::Sender<Question>,
    connections: watch::Receiver<u64>,
}

impl Link {
    /// Keeps connecting to the broker at `address`.
    pub(super) fn start(address: &Address, options: MqttOptions) -> Self {
        let name: Arc<str> = address.to_string().into();
        let (questions, asked) = mpsc::channel(WAITING);
        let (connected, connections) = watch::channel(0);
        let keeper = Keeper {
            name: name.clone(),
            options,
            asked,
            connected,
            // Every register hears every answer: numbers must not be another's.
            sequence: u64::from(rand::random::<u32>()) << 20,
        };
        tokio::spawn(keeper.keep());
        Self {
            name,
            questions,
            connections,
        }
    }

    /// Sends the commands in one message; the answers are in their order.
    pub(super) async fn ask(&self, commands: Vec<Value>) -> Answers {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = oneshot::channel();
        let gone = || BrokerError::Away(self.name.to_string(), "the connection has ended".to_owned());
        self.questions
            .send(Question { commands, answer })
            .await
            .map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Counts the connections that were made.
    pub(super) fn connections(&self) -> watch::Receiver<u64> {
        self.connections.clone()
    }
}

/// What every connection is made with.
pub(super) fn options(client_id: &str, address: &Address, config: &MqttConfig) -> MqttOptions {
    let credentials = credentials(&config.username, &config.password);
    let mut options = mqtt::options(client_id, address, credentials, &config.ca_file);
    options
        .set_clean_session(true)
        .set_keep_alive(KEEP_ALIVE)
        .set_max_packet_size(MAX_PACKET, MAX_PACKET);
    options
}

struct Keeper {
    name: Arc<str>,
    options: MqttOptions,
    asked: mpsc::Receiver<Question>,
    connected: watch::Sender<u64>,
    sequence: u64,
}

impl Keeper {
    async fn keep(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
        loop {
            let reason = match Connection::open(&self.options).await {
                Ok(mut connection) => {
                    backoff.reset();
                    self.connected.send_modify(|count| *count += 1);
                    match self.serve(&mut connection).await {
                        Ok(()) => return,
                        Err(reason) => reason,
                    }
                }
                Err(reason) => reason,
            };
            tracing::warn!(broker = %self.name, reason, "the broker's accounts cannot be kept");
            let rest = tokio::time::sleep(backoff.next_delay());
            tokio::pin!(rest);
            loop {
                tokio::select! {
                    () = &mut rest => break,
                    question = self.asked.recv() => match question {
                        Some(question) => {
                            let away = BrokerError::Away(self.name.to_string(), reason.clone());
                            let _ = question.answer.send(Err(away));
                        }
                        None => return,
                    },
                }
            }
        }
    }

    /// Until the connection breaks (an error), or nobody asks any more.
    async fn serve(&mut self, connection: &mut Connection) -> Result<(), String> {
        loop {
            let question = tokio::select! {
                question = self.asked.recv() => question,
                broken = connection.broken() => return Err(broken),
            };
            let Some(Question { commands, answer }) = question else {
                return Ok(());
            };
            self.sequence += 1;
            let asked = timeout(ANSWER_WITHIN, connection.ask(self.sequence, commands)).await;
            let asked = asked.unwrap_or_else(|_| Err(format!("no answer within {ANSWER_WITHIN:?}")));
            // An answer that comes late must not be taken for that of the next question, nor a question be sent
            // twice: after a failure everything begins with a new connection.
            let failed = asked.as_ref().err().cloned();
            let _ = answer.send(asked.map_err(|reason| BrokerError::Away(self.name.to_string(), reason)));
            if let Some(reason) = failed {
                return Err(reason);
            }
        }
    }
}

/// One connection, with the subscription to the answers.
struct Connection {
    client: AsyncClient,
    events: mpsc::Receiver<Result<Packet, String>>,
    driving: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driving.abort();
    }
}

impl Connection {
    async fn open(options: &MqttOptions) -> Result<Self, String> {
        let (client, mut events) = AsyncClient::new(options.clone(), 16);
        let (sender, receiver) = mpsc::channel(64);
        // Polling in a task of its own: what is interrupted may be lost.
        let driving = tokio::spawn(async move {
            loop {
                let (packet, ended) = match events.poll().await {
                    Ok(Event::Incoming(packet)) => (Ok(packet), false),
                    Ok(Event::Outgoing(_)) => continue,
                    Err(error) => (Err(error.to_string()), true),
                };
                if sender.send(packet).await.is_err() || ended {
                    return;
                }
            }
        });
        let mut connection = Self {
            client,
            events: receiver,
            driving,
        };
        timeout(CONNECT_WITHIN, connection.subscribe())
            .await
            .unwrap_or_else(|_| Err(format!("no connection within {CONNECT_WITHIN:?}")))?;
        Ok(connection)
    }

    async fn subscribe(&mut self) -> Result<(), String> {
        loop {
            match self.next().await? {
                Packet::ConnAck(_) => self
                    .client
                    .subscribe(RESPONSE, QoS::AtLeastOnce)
                    .await
                    .map_err(|error| error.to_string())?,
                Packet::SubAck(answer) => {
                    let refused = answer
                        .return_codes
                        .contains(&rumqttc::SubscribeReasonCode::Failure);
                    return if refused {
                        Err("the account may not manage accounts".to_owned())
                    } else {
                        Ok(())
                    };
                }
                _ => {}
            }
        }
    }

    /// Cancel-safe.
    async fn next(&mut self) -> Result<Packet, String> {
        let gone = || Err("the connection has ended".to_owned());
        self.events.recv().await.unwrap_or_else(gone)
    }

    async fn broken(&mut self) -> String {
        loop {
            if let Err(reason) = self.next().await {
                return reason;
            }
        }
    }

    async fn ask(&mut self, sequence: u64, commands: Vec<Value>) -> Result<Vec<Reply>, String> {
        let count = commands.len();
        self.client
            .publish(
                CONTROL,
                QoS::AtLeastOnce,
                false,
                command::message(sequence, commands),
            )
            .await
            .map_err(|error| error.to_string())?;
        loop {
            let Packet::Publish(publish) = self.next().await? else {
                continue;
            };
            if publish.topic != RESPONSE {
                continue;
            }
            if let Some(replies) = command::replies(&publish.payload, sequence, count) {
                return Ok(replies);
            }
        }
    }
}
