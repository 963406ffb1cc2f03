//! One broker connection: requests come in, answers and acknowledgements go out. Never waits for anybody but the
//! broker, so keep-alive never stalls.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet, Publish, QoS, Request,
    SubscribeReasonCode,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{info, warn};

use super::arrivals::Arrivals;
use super::intake::Intake;
use super::outlet::{Outgoing, Queue, Receipt};

/// Requests to the connection that may wait; each answer is two, a publish and an acknowledgement.
const REQUESTS: usize = 4_096;
/// The broker must answer a subscription within this time, or it is asked again.
const SUBSCRIBE_PATIENCE: Duration = Duration::from_secs(10);
/// How long the last answers may take to leave.
const LEAVE_WITHIN: Duration = Duration::from_secs(3);

/// One connection, not yet made.
pub(super) struct Link {
    number: usize,
    client: AsyncClient,
    events: EventLoop,
    filter: String,
    /// Whether others of the group take over what is not taken here.
    shared: bool,
    queue: mpsc::Receiver<Outgoing>,
    up: Arc<AtomicBool>,
    intake: Intake,
    /// Which life of the connection this is.
    epoch: u64,
    connected: bool,
    subscribe_by: Option<Instant>,
    subscribed_once: bool,
    /// What the connection had no room for.
    held: VecDeque<Outgoing>,
    arrivals: Arrivals,
}

enum Woken {
    Polled(Result<Event, ConnectionError>),
    Stop,
    Leave,
}

impl Link {
    pub(super) fn new(
        number: usize,
        options: MqttOptions,
        filter: String,
        queue: Queue,
        intake: Intake,
    ) -> Self {
        let (client, mut events) = AsyncClient::new(options, REQUESTS);
        let mut network = events.network_options();
        network.set_tcp_nodelay(true);
        events.set_network_options(network);
        Self {
            number,
            client,
            events,
            shared: filter.starts_with("$share/"),
            filter,
            queue: queue.messages,
            up: queue.up,
            intake,
            epoch: 0,
            connected: false,
            subscribe_by: None,
            subscribed_once: false,
            held: VecDeque::new(),
            arrivals: Arrivals::default(),
        }
    }

    /// Takes requests in until `stop`, then only answers, until `leave`.
    pub(super) async fn run(mut self, stop: Shutdown, leave: Shutdown) {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        let mut stopping = false;
        loop {
            match self.wait(&stop, &leave, stopping).await {
                Woken::Polled(Ok(event)) => {
                    if matches!(event, Event::Incoming(Packet::ConnAck(_))) {
                        backoff.reset();
                    }
                    self.take(event, stopping);
                }
                Woken::Polled(Err(error)) => {
                    self.lost(&error);
                    tokio::select! {
                        () = sleep(backoff.next_delay()) => {}
                        () = leave.cancelled() => break,
                    }
                }
                Woken::Stop => {
                    stopping = true;
                    self.stop();
                }
                Woken::Leave => break,
            }
        }
        let _ = timeout(LEAVE_WITHIN, self.leave()).await;
    }

    /// Waits for something that the connection is needed for. Queues and timers are served within, so that they do
    /// not cancel a poll, which may be in the middle of connecting.
    async fn wait(&mut self, stop: &Shutdown, leave: &Shutdown, stopping: bool) -> Woken {
        self.push();
        let mut poll = pin!(self.events.poll());
        loop {
            let late_at = self
                .subscribe_by
                .unwrap_or_else(|| Instant::now() + SUBSCRIBE_PATIENCE);
            tokio::select! {
                biased;
                () = leave.cancelled() => return Woken::Leave,
                () = stop.cancelled(), if !stopping => return Woken::Stop,
                Some(outgoing) = self.queue.recv(), if self.held.is_empty() => {
                    self.held.push_back(outgoing);
                    push(&mut self.held, &mut self.arrivals, &self.client, self.epoch);
                }
                () = sleep_until(late_at), if self.subscribe_by.is_some() => {
                    self.subscribe_by = subscribe(&self.client, &self.filter);
                }
                polled = &mut poll => return Woken::Polled(polled),
            }
        }
    }

    fn push(&mut self) {
        push(&mut self.held, &mut self.arrivals, &self.client, self.epoch);
    }

    fn take(&mut self, event: Event, stopping: bool) {
        let packet = match event {
            Event::Incoming(packet) => packet,
            Event::Outgoing(outgoing) => {
                if let rumqttc::Outgoing::Publish(packet) = outgoing {
                    self.arrivals.sent(packet);
                }
                return;
            }
        };
        match packet {
            Packet::PubAck(ack) => self.arrivals.arrived(ack.pkid),
            // When stopping it is not acknowledged, so the broker keeps it.
            Packet::Publish(publish) if !stopping => self.publish(&publish),
            Packet::ConnAck(ack) => self.connected(ack.session_present, stopping),
            Packet::SubAck(ack) => {
                let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                self.subscribed(ack.return_codes.iter().all(granted));
            }
            _ => {}
        }
    }

    fn publish(&mut self, publish: &Publish) {
        let receipt = Receipt {
            link: self.number,
            epoch: self.epoch,
            packet: (publish.qos != QoS::AtMostOnce).then_some(publish.pkid),
        };
        // What the broker had kept was not asked just now.
        let answer = match publish.retain {
            true => Some(None),
            false => self.intake.take(receipt, &publish.topic, &publish.payload),
        };
        if let Some(message) = answer
            && (message.is_some() || receipt.packet.is_some())
        {
            self.held.push_back(Outgoing {
                message,
                receipt: Some(receipt),
                arrived: None,
            });
        }
    }

    fn connected(&mut self, session_present: bool, stopping: bool) {
        self.connected = true;
        if !session_present {
            self.arrivals.forgotten();
        }
        info!(link = self.number, session_present, "connected to the broker");
        if stopping {
            return;
        }
        // Asked for every time the program starts: the filter may have been configured anew.
        if !session_present || !self.subscribed_once {
            self.subscribe_by = subscribe(&self.client, &self.filter);
        } else {
            self.up.store(true, Ordering::Relaxed);
        }
    }

    fn subscribed(&mut self, granted: bool) {
        self.subscribe_by = None;
        self.subscribed_once = true;
        self.up.store(granted, Ordering::Relaxed);
        if !granted {
            warn!(
                filter = self.filter,
                "the broker refused the subscription; check its access rules"
            );
        }
    }

    fn lost(&mut self, error: &ConnectionError) {
        self.epoch += 1;
        if std::mem::take(&mut self.connected) {
            let again = |request: &&Request| matches!(request, Request::Publish(_));
            self.arrivals
                .lost(self.events.pending.iter().filter(again).count());
        }
        self.subscribe_by = None;
        self.up.store(false, Ordering::Relaxed);
        metrics::counter!("register_broker_lost_total").increment(1);
        warn!(link = self.number, %error, "no broker connection; trying again");
    }

    /// Takes nothing more in. In a group the others get what comes from now on; alone, the broker keeps it.
    fn stop(&mut self) {
        self.up.store(false, Ordering::Relaxed);
        self.subscribe_by = None;
        if self.shared && self.connected {
            let _ = self.client.try_unsubscribe(&self.filter);
        }
    }

    /// Sends what is left, then ends the connection.
    async fn leave(mut self) {
        self.queue.close();
        while let Ok(outgoing) = self.queue.try_recv() {
            self.held.push_back(outgoing);
        }
        while self.connected && !self.held.is_empty() {
            self.push();
            if self.events.poll().await.is_err() {
                return;
            }
        }
        if self.connected && self.client.try_disconnect().is_ok() {
            while self.events.poll().await.is_ok() {}
        }
    }
}

/// When the broker must have answered.
fn subscribe(client: &AsyncClient, filter: &str) -> Option<Instant> {
    if client.try_subscribe(filter, QoS::AtLeastOnce).is_err() {
        warn!("could not ask for the subscription now; it is asked for again");
    }
    Some(Instant::now() + SUBSCRIBE_PATIENCE)
}

/// Hands the connection what it has room for: the answer first, so that the broker has it before it forgets the
/// request.
fn push(held: &mut VecDeque<Outgoing>, arrivals: &mut Arrivals, client: &AsyncClient, epoch: u64) {
    while let Some(next) = held.front_mut() {
        if let Some((topic, payload)) = &next.message {
            let (topic, payload) = (topic.clone(), payload.clone());
            if client
                .try_publish(topic, QoS::AtLeastOnce, false, payload)
                .is_err()
            {
                return;
            }
            next.message = None;
            arrivals.queued(next.arrived.take());
        }
        // Of an earlier life of the connection: the broker sends the request again.
        if let Some(packet) = next.receipt.filter(|r| r.epoch == epoch).and_then(|r| r.packet) {
            let mut acknowledged = Publish::new("", QoS::AtLeastOnce, Vec::new());
            acknowledged.pkid = packet;
            if client.try_ack(&acknowledged).is_err() {
                return;
            }
        }
        held.pop_front();
    }
}
