//! One connection of the flood and the piles it speaks for.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::backoff::Backoff;
use hdrhistogram::Histogram;
use protocol::Uuid;
use serde::Deserialize;
use tokio::sync::watch;

use super::pace::Pace;
use super::unconfirmed::Unconfirmed;
use super::window::{Flight, Window};
use crate::link::{Heard, Link};
use crate::pile::Sampler;
use crate::pile::output::{Message, TradeNumber};
use crate::report::stats::{Tallies, add, latency_histogram, micros};
use crate::world::{Phase, World};

/// Bytes gathered before a write.
const BATCH_BYTES: usize = 32 << 10;
/// Filters per SUBSCRIBE.
const FILTERS: usize = 200;
/// Subscriptions take ids that the window never does.
const SUBSCRIBE_PKID: u16 = u16::MAX;
const TICK: Duration = Duration::from_millis(1);
const MERGE_EVERY: Duration = Duration::from_millis(100);

struct Voice {
    uuid: Uuid,
    msg_topic: String,
    sampler: Sampler,
}

/// A connection and everything that must survive its loss.
pub(super) struct Lane {
    world: Arc<World>,
    index: u32,
    piles: Vec<Voice>,
    next_pile: usize,
    window: Window,
    budget: Option<u64>,
    rate: Option<f64>,
    records_owed: f64,
    unconfirmed: Unconfirmed,
    tallies: Tallies,
    latencies: Histogram<u64>,
    merged: Instant,
    phase: watch::Receiver<Phase>,
}

/// What matters of a reply.
#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(rename = "命令", borrow)]
    command: &'a str,
    #[serde(rename = "交易流水号", borrow, default)]
    number: &'a str,
    #[serde(rename = "结果", borrow, default)]
    result: &'a str,
}

impl Lane {
    pub(super) fn new(world: Arc<World>, index: u32) -> Self {
        let options = &world.options;
        let lanes = options.connections.min(options.piles);
        let indices = (index..options.piles).step_by(lanes as usize);
        let piles = indices.filter_map(|pile| options.uuid(pile)).map(|uuid| Voice {
            uuid,
            msg_topic: world.topics.msg(uuid),
            sampler: Sampler::new(&world.profile, uuid),
        });
        let share =
            |total: u64| total / u64::from(lanes) + u64::from(total % u64::from(lanes) > u64::from(index));
        Self {
            index,
            piles: piles.collect(),
            next_pile: 0,
            window: Window::new(options.window),
            budget: options.messages.map(share),
            rate: options.rate.map(|rate| rate as f64 / f64::from(lanes)),
            records_owed: 0.0,
            unconfirmed: Unconfirmed::new(options.resend),
            tallies: Tallies::new(),
            latencies: latency_histogram(),
            merged: Instant::now(),
            phase: world.phase(),
            world,
        }
    }

    /// Runs until the run stops.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));
        let (mut has_connected, mut is_over) = (false, false);
        while !is_over && *self.phase.borrow() != Phase::Stopping {
            match self.open().await {
                Ok(link) => {
                    let world = Arc::clone(&self.world);
                    world.stats.count_connected();
                    world.stats.reconnects.fetch_add(has_connected.into(), Relaxed);
                    has_connected = true;
                    match self.serve(link).await {
                        Ok(()) => is_over = true,
                        Err(error) => world.stats.count_error(&error.to_string()),
                    }
                    world.stats.connected.fetch_sub(1, Relaxed);
                    backoff.reset();
                }
                Err(error) => self.world.stats.count_error(&error),
            }
            self.merge();
            if !is_over {
                tokio::time::sleep(backoff.next_delay()).await;
            }
        }
        self.world
            .stats
            .unacked
            .fetch_add(self.window.len() as u64, Relaxed);
    }

    async fn open(&self) -> Result<Link, String> {
        let first = self
            .piles
            .first()
            .map_or_else(String::new, |pile| pile.uuid.to_string());
        let hello = self.world.hello(format!("flood-{first}"));
        let opened = self.world.open(self.world.broker(self.index), &hello).await;
        opened.map_err(|error| error.to_string())
    }

    /// Ok when the run is over.
    async fn serve(&mut self, mut link: Link) -> io::Result<()> {
        self.subscribe(&mut link).await?;
        self.publish_again(&mut link).await?;
        let mut pace = Pace::new(self.rate);
        loop {
            let phase = *self.phase.borrow_and_update();
            if phase == Phase::Stopping {
                return self.leave(link).await;
            }
            let is_full = self.fill(&mut link, &mut pace, phase);
            link.flush().await?;
            while let Some(heard) = link.take_heard()? {
                self.take(heard, &mut link)?;
            }
            if self.merged.elapsed() >= MERGE_EVERY {
                self.merge();
            }
            if is_full {
                tokio::task::yield_now().await;
            } else {
                let wait = if self.is_idle(&link) { TICK * 20 } else { TICK };
                tokio::select! {
                    heard = link.hear() => self.take(heard?, &mut link)?,
                    () = tokio::time::sleep(wait) => {}
                    _ = self.phase.changed() => {}
                }
            }
        }
    }

    fn is_idle(&self, link: &Link) -> bool {
        self.window.len() >= self.limit(link) || self.budget == Some(0)
    }

    fn limit(&self, link: &Link) -> usize {
        usize::from(self.world.options.window.min(link.receive_max()))
    }

    async fn subscribe(&mut self, link: &mut Link) -> io::Result<()> {
        if self.world.options.trade_share == 0.0 {
            return Ok(());
        }
        for piles in self.piles.chunks(FILTERS) {
            let filters: Vec<String> = piles
                .iter()
                .map(|pile| self.world.topics.cmd(pile.uuid))
                .collect();
            link.say(|version, out| version.subscribe(&filters, SUBSCRIBE_PKID, out));
            link.flush().await?;
            while !matches!(link.hear().await?, Heard::Subscribed(_)) {}
        }
        Ok(())
    }

    /// At least once: what the last connection left unacknowledged goes out again.
    async fn publish_again(&mut self, link: &mut Link) -> io::Result<()> {
        for (pkid, flight) in self.window.iter_mut() {
            flight.sent = Instant::now();
            let topic = &self.piles[flight.pile as usize].msg_topic;
            link.say(|version, out| version.publish(topic, flight.payload.clone(), pkid, false, true, out));
        }
        self.world
            .stats
            .republished
            .fetch_add(self.window.len() as u64, Relaxed);
        link.flush().await
    }

    /// Queues messages; true if the batch, not the window or the rate, ended it.
    fn fill(&mut self, link: &mut Link, pace: &mut Pace, phase: Phase) -> bool {
        let limit = self.limit(link);
        let mut may_send = pace.allowance();
        while link.unsent_bytes() < BATCH_BYTES {
            if self.window.len() >= limit {
                return false;
            }
            if self.resend(link) {
                continue;
            }
            if phase != Phase::Running || may_send == 0 || self.budget == Some(0) {
                return false;
            }
            self.publish_next(link);
            may_send -= 1;
            pace.spend();
        }
        true
    }

    fn publish_next(&mut self, link: &mut Link) {
        let (pile, now) = (self.next_pile, self.world.now_ms());
        self.next_pile = (pile + 1) % self.piles.len();
        self.records_owed += self.world.options.trade_share;
        let voice = &mut self.piles[pile];
        let message = if self.records_owed >= 1.0 {
            self.records_owed -= 1.0;
            voice.sampler.record(now)
        } else {
            voice.sampler.run_data(now)
        };
        let pile = u32::try_from(pile).expect("piles are counted in 32 bits");
        if let Some(number) = message.record {
            self.keep(pile, number, &message);
        }
        self.publish(link, pile, message.name, message.payload);
        if let Some(budget) = &mut self.budget {
            *budget -= 1;
            self.world
                .stats
                .lanes_done
                .fetch_add(u64::from(*budget == 0), Relaxed);
        }
    }

    fn keep(&mut self, pile: u32, number: TradeNumber, message: &Message) {
        let uuid = self.piles[pile as usize].uuid;
        self.world.ledger.made(self.ledger_pile(pile), uuid, number);
        self.world.ledger.sent(self.ledger_pile(pile), uuid, number);
        self.unconfirmed.keep(pile, number, message.clone());
    }

    /// Sends the oldest record again if its time has come; false if none is due.
    fn resend(&mut self, link: &mut Link) -> bool {
        let Some((pile, message)) = self.unconfirmed.take_due() else {
            return false;
        };
        if let Some(number) = message.record {
            let uuid = self.piles[pile as usize].uuid;
            self.world.ledger.sent(self.ledger_pile(pile), uuid, number);
        }
        self.publish(link, pile, message.name, message.payload);
        true
    }

    fn publish(&mut self, link: &mut Link, pile: u32, name: &'static str, payload: Bytes) {
        add(&mut self.tallies, name, 1, payload.len() as u64);
        let flight = Flight {
            pile,
            payload: payload.clone(),
            sent: Instant::now(),
        };
        let pkid = self
            .window
            .put(flight)
            .expect("the caller looked that the window has room");
        let topic = &self.piles[pile as usize].msg_topic;
        link.say(|version, out| version.publish(topic, payload, pkid, false, false, out));
    }

    fn take(&mut self, heard: Heard, link: &mut Link) -> io::Result<()> {
        match heard {
            Heard::PubAck(pkid) => {
                if let Some(flight) = self.window.take(pkid) {
                    self.latencies.saturating_record(micros(flight.sent.elapsed()));
                }
            }
            Heard::Publish {
                topic,
                pkid,
                needs_ack,
                payload,
            } => {
                if needs_ack {
                    link.say(|version, out| version.puback(pkid, out));
                }
                self.hear(&topic, &payload);
            }
            Heard::Disconnected => {
                return Err(io::Error::new(
                    io::ErrorKind::ConnectionAborted,
                    "the broker disconnected",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn hear(&mut self, topic: &[u8], payload: &[u8]) {
        let Ok(reply) = serde_json::from_slice::<Reply<'_>>(payload) else {
            return;
        };
        let name = if reply.command == "充电记录确认" {
            "充电记录确认"
        } else {
            "其他"
        };
        self.world.stats.count_heard(name, payload.len());
        let (Ok(number), Some(pile)) = (reply.number.parse::<TradeNumber>(), self.pile_of(topic)) else {
            return;
        };
        if name == "充电记录确认" && reply.result == "成功" && self.unconfirmed.confirm(pile, number)
        {
            self.world.ledger.confirmed(self.ledger_pile(pile), number);
        }
    }

    /// Which of this lane's piles a reply is for.
    fn pile_of(&self, topic: &[u8]) -> Option<u32> {
        let topic = std::str::from_utf8(topic).ok()?;
        let protocol::topic::Inbound::Cmd(uuid) = self.world.topics.parse(topic) else {
            return None;
        };
        let at = self.piles.binary_search_by_key(&uuid, |pile| pile.uuid).ok()?;
        u32::try_from(at).ok()
    }

    /// The ledger knows piles by their index in the whole run.
    fn ledger_pile(&self, pile: u32) -> u32 {
        let options = &self.world.options;
        self.index + pile * options.connections.min(options.piles)
    }

    fn merge(&mut self) {
        self.world.stats.add_sent(&mut self.tallies);
        self.world.stats.add_acks(&mut self.latencies);
        self.merged = Instant::now();
    }

    /// Waits a little for the last PUBACKs, so that what is counted as sent is also known as taken.
    async fn leave(&mut self, mut link: Link) -> io::Result<()> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while self.window.len() > 0 {
            tokio::select! {
                heard = link.hear() => self.take(heard?, &mut link)?,
                () = tokio::time::sleep_until(deadline) => break,
            }
        }
        link.say(|version, out| version.disconnect(out));
        link.flush().await
    }
}
