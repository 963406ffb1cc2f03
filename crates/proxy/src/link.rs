//! The one connection: commands go out, outcomes come in, acknowledgements follow when they are handled. Never waits
//! for anybody but the broker, so keep-alive never stalls.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use protocol::topic::{Inbound, Topics};
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, Packet, Publish, QoS, SubscribeReasonCode};
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{debug, info, warn};

use crate::client::{Delivered, Mark, Receipt};
use crate::outbox::{Message, Outbox};
use crate::{Outcome, ProxyOptions};

/// Requests that the connection may hold: commands and acknowledgements.
const REQUESTS: usize = 4_096;
/// The broker must answer a subscription within this time, or it is asked again.
const SUBSCRIBE_PATIENCE: Duration = Duration::from_secs(10);
/// How long the last messages may take to leave.
const LEAVE_WITHIN: Duration = Duration::from_secs(3);

/// Where outcomes go.
pub(crate) enum Inbox {
    /// To one receiver, who acknowledges.
    Following {
        outcomes: mpsc::UnboundedSender<Delivered>,
        receipts: mpsc::UnboundedSender<Mark>,
    },
    /// To whoever looks on.
    Watching(broadcast::Sender<Arc<Outcome>>),
}

/// The connection, not yet made.
pub(crate) struct Link {
    client: AsyncClient,
    events: EventLoop,
    topics: Topics,
    filter: String,
    inbox: Inbox,
    queue: mpsc::Receiver<Message>,
    receipts: Option<mpsc::UnboundedReceiver<Mark>>,
    up: Arc<AtomicBool>,
    outbox: Outbox,
    /// Acknowledgements that the connection had no room for.
    acks: VecDeque<u16>,
    /// Which life of the connection this is.
    epoch: u64,
    connected: bool,
    subscribe_by: Option<Instant>,
}

impl Link {
    pub(crate) fn new(
        options: &ProxyOptions,
        inbox: Inbox,
        queue: mpsc::Receiver<Message>,
        receipts: Option<mpsc::UnboundedReceiver<Mark>>,
        up: Arc<AtomicBool>,
    ) -> Self {
        let (client, mut events) = AsyncClient::new(options.mqtt(), REQUESTS);
        let mut network = events.network_options();
        network.set_tcp_nodelay(true);
        events.set_network_options(network);
        Self {
            client,
            events,
            filter: options.topics.proxy_resp_filter(),
            topics: options.topics.clone(),
            inbox,
            queue,
            receipts,
            up,
            outbox: Outbox::default(),
            acks: VecDeque::new(),
            epoch: 0,
            connected: false,
            subscribe_by: None,
        }
    }

    pub(crate) async fn run(mut self, stop: Shutdown) {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
        while let Some(polled) = self.wait(&stop).await {
            match polled {
                Ok(event) => {
                    if matches!(event, Event::Incoming(Packet::ConnAck(_))) {
                        backoff.reset();
                    }
                    self.take(event);
                }
                Err(error) => {
                    self.lost(&error);
                    tokio::select! {
                        () = sleep(backoff.next_delay()) => {}
                        () = stop.cancelled() => break,
                    }
                }
            }
        }
        self.up.store(false, Ordering::Relaxed);
        let _ = timeout(LEAVE_WITHIN, self.leave()).await;
    }

    /// Waits for something that the connection is needed for; nothing once it is to stop. Queues and timers are
    /// served within, so that they do not cancel a poll, which may be in the middle of connecting.
    async fn wait(&mut self, stop: &Shutdown) -> Option<Result<Event, ConnectionError>> {
        push(&mut self.outbox, &mut self.acks, &self.client, self.connected);
        let mut poll = pin!(self.events.poll());
        loop {
            let late_at = self
                .subscribe_by
                .unwrap_or_else(|| Instant::now() + SUBSCRIBE_PATIENCE);
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                Some(mark) = next(&mut self.receipts) => {
                    // Of an earlier life of the connection: the broker sends the outcome again.
                    if mark.epoch == self.epoch {
                        self.acks.push_back(mark.packet);
                    }
                }
                Some(message) = self.queue.recv() => self.outbox.push(message),
                () = sleep_until(late_at), if self.subscribe_by.is_some() => {
                    self.subscribe_by = subscribe(&self.client, &self.filter);
                }
                polled = &mut poll => return Some(polled),
            }
            push(&mut self.outbox, &mut self.acks, &self.client, self.connected);
        }
    }

    fn take(&mut self, event: Event) {
        let packet = match event {
            Event::Incoming(packet) => packet,
            Event::Outgoing(rumqttc::Outgoing::Publish(packet)) => return self.outbox.written(packet),
            Event::Outgoing(_) => return,
        };
        match packet {
            Packet::PubAck(ack) => self.outbox.arrived(ack.pkid),
            Packet::Publish(publish) => self.receive(&publish),
            Packet::ConnAck(ack) => {
                self.connected = true;
                debug!(session_present = ack.session_present, "connected to the broker");
                self.subscribe_by = subscribe(&self.client, &self.filter);
            }
            Packet::SubAck(ack) => {
                let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                self.subscribed(ack.return_codes.iter().all(granted));
            }
            _ => {}
        }
    }

    fn receive(&mut self, publish: &Publish) {
        let packet = (publish.qos != QoS::AtMostOnce).then_some(publish.pkid);
        let outcome = match self.topics.parse(&publish.topic) {
            Inbound::ProxyResp(uuid) => Outcome::parse(uuid, &publish.payload),
            // None of ours: it can only be acknowledged.
            _ => return self.acks.extend(packet),
        };
        match (outcome, &self.inbox, packet) {
            (Ok(outcome), Inbox::Following { outcomes, receipts }, Some(packet)) => {
                let mark = Mark {
                    epoch: self.epoch,
                    packet,
                };
                let receipt = Receipt {
                    mark,
                    receipts: receipts.clone(),
                };
                // Nobody receives any more: the broker keeps it.
                let _ = outcomes.send(Delivered { outcome, receipt });
            }
            (Ok(outcome), Inbox::Watching(outcomes), _) => {
                let _ = outcomes.send(Arc::new(outcome));
                self.acks.extend(packet);
            }
            // Outcomes are published at QoS 1; one that is not cannot be relied on, nor asked for again.
            (Ok(_), Inbox::Following { .. }, None) => {}
            (Err(error), ..) => {
                warn!(topic = publish.topic, %error, "an outcome cannot be read and is passed over");
                self.acks.extend(packet);
            }
        }
    }

    fn subscribed(&mut self, granted: bool) {
        self.subscribe_by = None;
        let was_up = self.up.swap(granted, Ordering::Relaxed);
        if !granted {
            warn!(
                filter = self.filter,
                "the broker refused the subscription; check its access rules"
            );
        } else if !was_up {
            info!("outcomes of commands come in");
        }
    }

    fn lost(&mut self, error: &ConnectionError) {
        self.epoch += 1;
        self.connected = false;
        self.acks.clear();
        self.subscribe_by = None;
        // The outbox has all of them.
        self.events.pending.clear();
        self.outbox.lost();
        self.up.store(false, Ordering::Relaxed);
        warn!(%error, "no broker connection; trying again");
    }

    /// Sends what is left, then ends the connection.
    async fn leave(mut self) {
        self.queue.close();
        while let Ok(message) = self.queue.try_recv() {
            self.outbox.push(message);
        }
        if let Some(receipts) = &mut self.receipts {
            while let Ok(mark) = receipts.try_recv() {
                if mark.epoch == self.epoch {
                    self.acks.push_back(mark.packet);
                }
            }
        }
        while self.connected && !(self.outbox.is_empty() && self.acks.is_empty()) {
            push(&mut self.outbox, &mut self.acks, &self.client, true);
            match self.events.poll().await {
                // Outcomes are left to the next start.
                Ok(Event::Incoming(Packet::Publish(_))) => {}
                Ok(event) => self.take(event),
                Err(_) => return,
            }
        }
        if self.connected && self.client.try_disconnect().is_ok() {
            while self.events.poll().await.is_ok() {}
        }
    }
}

/// The next receipt; never, where there are none.
async fn next(receipts: &mut Option<mpsc::UnboundedReceiver<Mark>>) -> Option<Mark> {
    match receipts {
        Some(receipts) => receipts.recv().await,
        None => None,
    }
}

/// When the broker must have answered.
fn subscribe(client: &AsyncClient, filter: &str) -> Option<Instant> {
    if client.try_subscribe(filter, QoS::AtLeastOnce).is_err() {
        warn!("could not ask for the subscription now; it is asked for again");
    }
    Some(Instant::now() + SUBSCRIBE_PATIENCE)
}

/// Hands the connection what it has room for. Nothing while it is away: the connection would forget it.
fn push(outbox: &mut Outbox, acks: &mut VecDeque<u16>, client: &AsyncClient, connected: bool) {
    if !connected {
        return;
    }
    while let Some(packet) = acks.front() {
        let mut acknowledged = Publish::new("", QoS::AtLeastOnce, Vec::new());
        acknowledged.pkid = *packet;
        if client.try_ack(&acknowledged).is_err() {
            return;
        }
        acks.pop_front();
    }
    outbox.hand_over(|message| {
        client
            .try_publish(
                &message.topic,
                QoS::AtLeastOnce,
                false,
                message.payload.as_slice(),
            )
            .is_ok()
    });
}
