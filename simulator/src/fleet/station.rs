//! One standing connection of a pile: outputs become publishes, packets become inputs.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use protocol::Uuid;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::ftp::Transfers;
use crate::link::{Heard, Link};
use crate::pile::output::{Channel, Message, Output, Reconnect};
use crate::pile::{OFFLINE, Pile, presence};
use crate::world::{Phase, World};

/// Publishes of one pile in flight at most; a pile has little to say, and brokers limit bursts.
const MOST_IN_FLIGHT: u16 = 16;
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(15);
const LAST_ACKS: Duration = Duration::from_secs(3);
const SUBSCRIBE_PKID: u16 = u16::MAX;

/// Why a connection ended.
pub(super) enum Exit {
    /// The run is over.
    Stopped,
    /// The network or the broker.
    Lost(io::Error),
    /// The pile itself restarts or moves.
    Again(Reconnect),
}

/// Which pile of the fleet, and under which uuid at present.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) index: u32,
    pub(super) uuid: Uuid,
}

/// A connected pile.
pub(super) struct Station<'a> {
    world: &'a World,
    index: u32,
    uuid: Uuid,
    pile: &'a mut Pile,
    transfers: &'a mut Transfers,
    link: Link,
    phase: watch::Receiver<Phase>,
    outputs: Vec<Output>,
    queue: VecDeque<Message>,
    in_flight: Vec<(u16, Instant)>,
    is_subscribed: bool,
    last_pkid: u16,
    last_heard: Instant,
    next_ping: Instant,
}

impl<'a> Station<'a> {
    pub(super) fn new(
        world: &'a World,
        Place { index, uuid }: Place,
        pile: &'a mut Pile,
        transfers: &'a mut Transfers,
        link: Link,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self {
            world,
            index,
            uuid,
            pile,
            transfers,
            link,
            phase,
            outputs: Vec::new(),
            queue: VecDeque::new(),
            in_flight: Vec::new(),
            is_subscribed: false,
            last_pkid: 0,
            last_heard: Instant::now(),
            next_ping: Instant::now() + world.options.keep_alive,
        }
    }

    /// Serves until the run stops, the connection breaks, or the pile leaves.
    pub(super) async fn serve(mut self) -> Exit {
        let exit = self.try_serve().await.unwrap_or_else(Exit::Lost);
        let unacked = (self.in_flight.len() + self.queue.len()) as u64;
        self.world.stats.unacked.fetch_add(unacked, Relaxed);
        exit
    }

    async fn try_serve(&mut self) -> io::Result<Exit> {
        self.subscribe().await?;
        self.pile.connected(self.world.now_ms(), &mut self.outputs);
        loop {
            if let Some(reconnect) = self.carry_out().await? {
                return Ok(Exit::Again(reconnect));
            }
            let phase = *self.phase.borrow_and_update();
            match phase {
                Phase::Running => {}
                Phase::Lingering => self.pile.wind_down(),
                Phase::Stopping => return self.leave().await.map(|()| Exit::Stopped),
            }
            let tick = self
                .world
                .instant_of(self.pile.next_due())
                .min(self.next_ping.into());
            tokio::select! {
                heard = self.link.hear() => self.take(heard?)?,
                () = tokio::time::sleep_until(tick) => self.tick()?,
                news = self.transfers.news() => {
                    self.pile.hear_transfer(self.world.now_ms(), news, &mut self.outputs);
                }
                _ = self.phase.changed() => {}
            }
        }
    }

    /// Before anything is sent, so that no reply can be missed.
    async fn subscribe(&mut self) -> io::Result<()> {
        let filter = [self.world.topics.cmd(self.uuid)];
        self.link
            .say(|version, out| version.subscribe(&filter, SUBSCRIBE_PKID, out));
        self.link.flush().await?;
        let subscribed = async {
            while !self.is_subscribed {
                let heard = self.link.hear().await?;
                self.take(heard)?;
            }
            Ok(())
        };
        let waited = timeout(SUBSCRIBE_TIMEOUT, subscribed).await;
        waited.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no SUBACK in time")))
    }

    fn tick(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if self.next_ping <= now {
            if now - self.last_heard > 2 * self.world.options.keep_alive {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the broker fell silent"));
            }
            self.next_ping = now + self.world.options.keep_alive;
            self.link.say(|version, out| version.ping(out));
        }
        self.pile.tick(self.world.now_ms(), &mut self.outputs);
        Ok(())
    }

    /// Takes a packet and every further one that is there already.
    fn take(&mut self, first: Heard) -> io::Result<()> {
        self.last_heard = Instant::now();
        let mut next = Some(first);
        while let Some(heard) = next {
            match heard {
                Heard::Publish {
                    pkid,
                    needs_ack,
                    payload,
                    ..
                } => {
                    if needs_ack {
                        self.link.say(|version, out| version.puback(pkid, out));
                    }
                    let name = self.pile.hear(self.world.now_ms(), &payload, &mut self.outputs);
                    self.world.stats.count_heard(name, payload.len());
                }
                Heard::PubAck(pkid) => self.acknowledge(pkid),
                Heard::Subscribed(true) => self.is_subscribed = true,
                Heard::Subscribed(false) => {
                    let refused = "the broker refused to let it read its commands";
                    return Err(io::Error::new(io::ErrorKind::PermissionDenied, refused));
                }
                Heard::Disconnected => {
                    return Err(io::Error::new(
                        io::ErrorKind::ConnectionAborted,
                        "the broker disconnected",
                    ));
                }
                _ => {}
            }
            next = self.link.take_heard()?;
        }
        Ok(())
    }

    fn acknowledge(&mut self, pkid: u16) {
        if let Some(at) = self.in_flight.iter().position(|(id, _)| *id == pkid) {
            let (_, sent) = self.in_flight.swap_remove(at);
            self.world.stats.count_ack(sent.elapsed());
        }
    }

    /// Does what the pile wants; gives the reconnection it asks for, after all before it has been sent.
    async fn carry_out(&mut self) -> io::Result<Option<Reconnect>> {
        let mut reconnect = None;
        for output in std::mem::take(&mut self.outputs) {
            match output {
                Output::Send(message) => self.queue.push_back(message),
                Output::RecordMade(number) => self.world.ledger.made(self.index, self.uuid, number),
                Output::RecordConfirmed(number) => self.world.ledger.confirmed(self.index, number),
                Output::Commanded(name, reqid) => {
                    self.world.commands.heard(self.index, self.uuid, name, reqid);
                }
                Output::Carry(transfer) => self.transfers.begin(&self.world.courier, transfer),
                Output::Drop(id) => self.transfers.end(id),
                Output::Did(deed) => self.world.deeds.count(self.index, deed),
                // Of two the first: the second would not have been heard of.
                Output::Reconnect(wanted) => reconnect = reconnect.or(Some(wanted)),
            }
        }
        let limit = usize::from(MOST_IN_FLIGHT.min(self.link.receive_max()));
        while self.in_flight.len() < limit {
            let Some(message) = self.queue.pop_front() else {
                break;
            };
            self.publish(message);
        }
        self.link.flush().await?;
        Ok(reconnect)
    }

    fn publish(&mut self, message: Message) {
        let (topics, stats) = (&self.world.topics, &self.world.stats);
        let topic = match message.channel {
            Channel::Msg => topics.msg(self.uuid),
            Channel::CmdResp => topics.cmd_resp(self.uuid, message.name),
            Channel::Status => topics.status(self.uuid),
        };
        // The subscription keeps the largest id to itself.
        self.last_pkid = self.last_pkid % (SUBSCRIBE_PKID - 1) + 1;
        let (pkid, retain) = (self.last_pkid, message.channel == Channel::Status);
        stats.count_sent(message.name, message.payload.len());
        if let Some(reqid) = message.answers {
            stats.answers.fetch_add(1, Relaxed);
            self.world.commands.answered(self.index, message.name, reqid);
        }
        if let Some(number) = message.record {
            self.world.ledger.sent(self.index, self.uuid, number);
        }
        self.link
            .say(|version, out| version.publish(&topic, message.payload, pkid, retain, false, out));
        self.in_flight.push((pkid, Instant::now()));
    }

    /// An orderly goodbye: the will is not sent then, so the pile says itself that it is offline. The last
    /// PUBACKs are waited for a little, so that what is counted as sent is also known as taken.
    async fn leave(&mut self) -> io::Result<()> {
        self.queue.push_back(presence(OFFLINE));
        let deadline = tokio::time::Instant::now() + LAST_ACKS;
        loop {
            self.carry_out().await?;
            if self.in_flight.is_empty() {
                break;
            }
            tokio::select! {
                heard = self.link.hear() => self.take(heard?)?,
                () = tokio::time::sleep_until(deadline) => break,
            }
        }
        self.link.say(|version, out| version.disconnect(out));
        self.link.flush().await
    }
}
