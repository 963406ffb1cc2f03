//! One broker connection's way in: receive, sort into batches, hand to the workers, acknowledge what
//! has become durable. Never waits for anybody but the broker, so keep-alive never stalls.

mod collector;

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use actix::prelude::SendError;
use common::backoff::Backoff;
use common::shutdown::Shutdown;
use metrics::{Gauge, counter, gauge};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{debug, info, warn};

pub use collector::{Collector, Taken, shard_of};

use crate::actor::{MqttClienter, WorkerManager};
use crate::message::{Acks, MsgActiveMsg, MsgMqttSubs, MsgPxyCmd};
use crate::mqtt::{Handle, Health, Incoming, Link, LinkError, LinkEvent};

/// The broker must answer a subscription within this time, or the connection is made anew.
const SUBSCRIBE_PATIENCE: Duration = Duration::from_secs(10);

/// What an intake needs of its surroundings.
pub struct IntakeParts {
    /// Index of the broker in the configuration.
    pub number: u8,
    /// The connection's request queue.
    pub handle: Handle,
    /// What to subscribe.
    pub filters: Vec<String>,
    /// Batches in the making.
    pub collector: Collector,
    /// How old a batch may get.
    pub batch_age: Duration,
    /// Where batches go.
    pub workers: Addr<WorkerManager>,
    /// Who subscribes.
    pub clienter: Addr<MqttClienter>,
    /// Packets that may be acknowledged.
    pub durable: mpsc::UnboundedReceiver<Acks>,
    /// Whether messages come in, for readiness.
    pub health: Arc<Health>,
}

/// Takes messages in until `stop`, then only acknowledges, until the last durable packets were told
/// (the sender of `durable` is gone).
pub async fn run(mut link: Link, parts: IntakeParts, stop: Shutdown) {
    let mut intake = Intake::new(parts);
    let mut events = Vec::new();
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
    loop {
        match intake.wait(&mut link, &mut events, &stop).await {
            Woken::Polled(Ok(())) => {
                if events.iter().any(|e| matches!(e, LinkEvent::Connected { .. })) {
                    backoff.reset();
                }
                let foreign = intake.digest(&mut events);
                let _ = link.acknowledge(&foreign).await;
            }
            Woken::Polled(Err(error)) => {
                intake.lost(&error);
                sleep(backoff.next_delay()).await;
            }
            Woken::Durable(packets) => {
                if let Err(error) = link.acknowledge(&packets).await {
                    // The next poll meets the same lost connection and makes a new one.
                    debug!(%error, "could not acknowledge");
                }
            }
            Woken::Stop => intake.stop(),
            Woken::Finished => break,
        }
    }
    if intake.parts.handle.disconnect().is_ok() {
        // One more poll writes it out; the answer is that the connection ends.
        let _ = tokio::time::timeout(Duration::from_secs(1), link.poll(&mut events)).await;
    }
}

struct Intake {
    parts: IntakeParts,
    /// Batches and commands that the workers had no room for. The broker's window of unacknowledged
    /// messages bounds it.
    held_back: VecDeque<Onward>,
    flush_at: Option<Instant>,
    subscribe_by: Option<Instant>,
    subscribed_once: bool,
    connected: bool,
    stopping: bool,
    /// Batches held back, for the metrics.
    waiting: Gauge,
}

enum Onward {
    Batch(MsgActiveMsg),
    Command(usize, MsgPxyCmd),
}

enum Woken {
    Polled(Result<(), LinkError>),
    Durable(Vec<u16>),
    Stop,
    Finished,
}

impl Intake {
    fn new(parts: IntakeParts) -> Self {
        let waiting = gauge!("ops_tcu_intake_held_back", "link" => parts.number.to_string());
        Self {
            waiting,
            parts,
            held_back: VecDeque::new(),
            flush_at: None,
            subscribe_by: None,
            subscribed_once: false,
            connected: false,
            stopping: false,
        }
    }

    /// Waits for something that the connection is needed for. Timers are served within, so that they
    /// do not cancel a poll, which may be in the middle of connecting.
    async fn wait(&mut self, link: &mut Link, events: &mut Vec<LinkEvent>, stop: &Shutdown) -> Woken {
        let mut poll = pin!(link.poll(events));
        loop {
            let far = Instant::now() + Duration::from_secs(3600);
            let (flush_at, late_at) = (self.flush_at.unwrap_or(far), self.subscribe_by.unwrap_or(far));
            tokio::select! {
                biased;
                acks = self.parts.durable.recv(), if self.connected || self.stopping => {
                    let Some(acks) = acks else { return Woken::Finished };
                    let packets = self.gather(acks);
                    if !self.parts.handle.acknowledge(&packets) {
                        return Woken::Durable(packets);
                    }
                }
                () = stop.cancelled(), if !self.stopping => return Woken::Stop,
                () = sleep_until(flush_at), if self.flush_at.is_some() => self.flush(),
                () = sleep_until(late_at), if self.subscribe_by.is_some() => self.subscribe(),
                polled = &mut poll => return Woken::Polled(polled),
            }
        }
    }

    /// Takes in what the connection gave; gives the packets that are nobody's business.
    fn digest(&mut self, events: &mut Vec<LinkEvent>) -> Vec<u16> {
        let mut foreign = Vec::new();
        for event in events.drain(..) {
            match event {
                // When stopping it is not acknowledged, so the broker keeps it for the next start.
                LinkEvent::Publish(incoming) if !self.stopping => foreign.extend(self.take(incoming)),
                LinkEvent::Publish(_) | LinkEvent::Other => {}
                LinkEvent::Connected { session_present } => self.connected(session_present),
                LinkEvent::Subscribed(granted) => self.subscribed(granted),
            }
        }
        if self.flush_at.is_none() && !self.parts.collector.is_empty() {
            self.flush_at = Some(Instant::now() + self.parts.batch_age);
        }
        foreign
    }

    fn take(&mut self, incoming: Incoming) -> Option<u16> {
        match self.parts.collector.take(incoming) {
            Taken::Held => {}
            Taken::Full(batch) => self.onward(Onward::Batch(batch)),
            Taken::Command(before, shard, command) => {
                if let Some(batch) = before {
                    self.onward(Onward::Batch(batch));
                }
                self.onward(Onward::Command(shard, command));
            }
            Taken::Foreign(packet) => return packet,
        }
        None
    }

    fn flush(&mut self) {
        self.flush_at = None;
        let ready: Vec<_> = self.parts.collector.flush().collect();
        for held in std::mem::take(&mut self.held_back) {
            self.onward(held);
        }
        for batch in ready {
            self.onward(Onward::Batch(batch));
        }
        self.waiting.set(self.held_back.len() as f64);
    }

    /// Hands on in order; what finds no room waits for the next flush.
    fn onward(&mut self, next: Onward) {
        if !self.held_back.is_empty() {
            self.held_back.push_back(next);
        } else if let Err(back) = send(&self.parts.workers, next) {
            self.held_back.extend(back);
            counter!("ops_tcu_intake_held_back_total").increment(1);
        }
        if !self.held_back.is_empty() && self.flush_at.is_none() {
            self.flush_at = Some(Instant::now() + self.parts.batch_age);
        }
    }

    /// All packets that are durable by now, if they came over the present connection.
    fn gather(&mut self, first: Acks) -> Vec<u16> {
        let epoch = self.parts.collector.epoch();
        let mut packets = Vec::new();
        let mut next = Some(first);
        while let Some(acks) = next {
            if acks.epoch == epoch {
                packets.extend(acks.packets);
            }
            next = self.parts.durable.try_recv().ok();
        }
        packets
    }

    fn connected(&mut self, session_present: bool) {
        let epoch = self.parts.collector.reconnected();
        info!(
            link = self.parts.number,
            session_present, epoch, "connected to the broker"
        );
        self.connected = true;
        if !session_present || !self.subscribed_once {
            self.subscribe();
        } else {
            self.parts.health.up();
        }
    }

    fn subscribe(&mut self) {
        let subs = MsgMqttSubs {
            link: self.parts.number,
            filters: self.parts.filters.clone(),
        };
        if self.parts.clienter.try_send(subs).is_err() {
            warn!("could not ask for the subscription now; it is asked for again");
        }
        self.subscribe_by = Some(Instant::now() + SUBSCRIBE_PATIENCE);
    }

    fn subscribed(&mut self, granted: bool) {
        if granted {
            self.subscribe_by = None;
            self.subscribed_once = true;
            self.parts.health.up();
            return;
        }
        // Rights may be given later; the connection stays, so nobody else would ask again.
        self.subscribe_by = Some(Instant::now() + SUBSCRIBE_PATIENCE);
        let why = "the broker refuses a subscription; check the rights of mqtt.username there";
        if self.parts.health.down(why) {
            warn!(link = self.parts.number, filters = ?self.parts.filters, "{why}");
        }
    }

    fn lost(&mut self, error: &LinkError) {
        self.connected = false;
        self.subscribe_by = None;
        counter!("ops_tcu_broker_lost_total").increment(1);
        if self.parts.health.down(error) {
            warn!(link = self.parts.number, %error, "takes nothing in; trying again");
        }
    }

    fn stop(&mut self) {
        self.flush();
        self.stopping = true;
        self.parts.health.down("stopping");
    }
}

fn send(workers: &Addr<WorkerManager>, next: Onward) -> Result<(), Option<Onward>> {
    // With the mailbox closed the service is stopping: the broker keeps what is not acknowledged.
    match next {
        Onward::Batch(batch) => workers.try_send(batch).map_err(|e| match e {
            SendError::Full(batch) => Some(Onward::Batch(batch)),
            SendError::Closed(_) => None,
        }),
        Onward::Command(shard, command) => {
            let addressed = crate::message::ToShard {
                shard,
                message: command,
            };
            workers.try_send(addressed).map_err(|e| match e {
                SendError::Full(back) => Some(Onward::Command(back.shard, back.message)),
                SendError::Closed(_) => None,
            })
        }
    }
}
