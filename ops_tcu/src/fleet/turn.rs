//! What the piles of one worker share, and one message's turn with it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ahash::RandomState;
use protocol::topic::Topics;
use store::redis_keys::RedisKeys;

use super::commands::{EndedCommands, Pace, Retry};
use super::ids::DeviceIds;
use super::output::Output;
use super::session::{Presence, Session};
use super::tally::Tally;
use super::traffic::{Direction, Names};
use super::warn_names::WarnNames;
use crate::config::UnknownDevice;
use crate::mqtt::Health;

/// The rules that a worker goes by, in milliseconds where times.
#[derive(Debug, Clone)]
pub struct Rules {
    /// For uuids that no asset has.
    pub unknown_device: UnknownDevice,
    /// Device type of adopted assets.
    pub dt_id: u64,
    /// Silence after which a pile counts as offline.
    pub offline_after: i64,
    /// Interval of 关键器件动作; 0 = never.
    pub component_poll: i64,
    /// Default deadline of a command.
    pub command_timeout: i64,
    /// When an unanswered command is published again.
    pub retry: Retry,
    /// Commands that this worker may send in a second; 0 = as many as come.
    pub command_rate: f64,
    /// The number of this ops_tcu.
    pub node: u8,
    /// Occurrences per minute beyond which a warning folds.
    pub storm: u16,
}

/// Shared by a worker's piles.
#[derive(Debug)]
pub struct Core {
    /// Topic names.
    pub topics: Topics,
    /// Redis keys.
    pub keys: RedisKeys,
    /// The rules.
    pub rules: Rules,
    /// Fresh device ids.
    pub ids: Arc<DeviceIds>,
    /// Levels and classes of warnings.
    pub warn_names: Arc<WarnNames>,
    /// Command names, for counting.
    pub names: Names,
    /// Rows and messages in the making.
    pub out: Output,
    /// Counts for the metrics.
    pub tally: Tally,
    /// Sessions whose state is to be written.
    pub dirty: Vec<u32>,
    /// Sessions with commands.
    pub commanding: Vec<u32>,
    /// Who may send a command next.
    pub(super) pace: Pace,
    /// Commands that ended lately.
    pub(super) ended: EndedCommands,
    /// The connections out, by their number.
    links: Vec<Arc<Health>>,
    /// Whether somebody else asks for component counters, so that the timed poll rests.
    pub(super) poll_rests: Arc<AtomicBool>,
    hasher: RandomState,
}

impl Core {
    /// With empty output.
    pub fn new(topics: Topics, rules: Rules, ids: Arc<DeviceIds>, warn_names: Arc<WarnNames>) -> Self {
        Self {
            pace: Pace::new(rules.command_rate),
            ended: EndedCommands::default(),
            links: Vec::new(),
            poll_rests: Arc::default(),
            topics,
            keys: RedisKeys::default(),
            rules,
            ids,
            warn_names,
            names: Names::default(),
            out: Output::default(),
            tally: Tally::default(),
            dirty: Vec::new(),
            commanding: Vec::new(),
            hasher: RandomState::new(),
        }
    }

    /// With the connections over which it speaks; without, they count as standing.
    pub fn speaking_over(self, links: Vec<Arc<Health>>) -> Self {
        Self { links, ..self }
    }

    /// With a sign that tells when the timed poll is to rest.
    pub fn resting_when(self, poll_rests: Arc<AtomicBool>) -> Self {
        Self { poll_rests, ..self }
    }

    /// Whether the connection to a broker stands. Where nobody knows which one it is, the only one is meant.
    pub(super) fn is_up(&self, link: Option<u8>) -> bool {
        match (link, self.links.as_slice()) {
            (_, []) => true,
            (Some(link), links) => links.get(usize::from(link)).is_some_and(|link| link.is_up()),
            (None, [only]) => only.is_up(),
            (None, _) => false,
        }
    }

    /// The highest number of a connection.
    pub(super) fn last_link(&self) -> u8 {
        self.links.len().saturating_sub(1) as u8
    }
}

/// One message of one pile, or one look at it.
pub(super) struct Turn<'a> {
    /// The pile's place among the worker's sessions.
    pub place: u32,
    /// The pile.
    pub session: &'a mut Session,
    /// What it shares with others.
    pub core: &'a mut Core,
    /// Time of receipt, ms.
    pub now: i64,
}

impl Turn<'_> {
    /// Sends JSON to the pile once everything that has been put out so far is durable.
    pub(super) fn reply(&mut self, command: &str, json: Vec<u8>) {
        let topic = self.core.topics.cmd(self.session.uuid);
        self.count(command, Direction::Down, topic.len() + json.len());
        self.core.out.reply(self.session.link.unwrap_or(0), topic, json);
    }

    /// Counts a frame of this pile.
    pub(super) fn count(&mut self, command: &str, direction: Direction, bytes: usize) {
        let name = self.core.names.index(command);
        self.core.tally.frame(name, direction);
        let day = store::table::traffic_daily::Day::of(self.now);
        if let Some(before) = self.session.traffic.count(day.0, name, direction, bytes) {
            super::on::traffic::write(
                self.session.device_id,
                &before,
                &self.core.names,
                &mut self.core.out,
            );
        }
    }

    /// Notes that the pile was heard of over `link`; true if it was not known to be online.
    pub(super) fn heard(&mut self, link: u8) -> bool {
        self.session.link = Some(link);
        self.session.last_seen = self.now;
        let back = self.session.presence != Presence::Online;
        self.session.presence = Presence::Online;
        self.changed();
        back
    }

    /// The pile has commands: it is looked at every second.
    pub(super) fn commanding(&mut self) {
        if !std::mem::replace(&mut self.session.commands().noted, true) {
            self.core.commanding.push(self.place);
        }
    }

    /// Marks the pile's state as changed.
    pub(super) fn changed(&mut self) {
        if !self.session.dirty {
            self.session.dirty = true;
            self.core.dirty.push(self.place);
        }
    }

    /// A number for an event's identity, to recognise repetitions while this process lives.
    pub(super) fn identity(&self, parts: impl std::hash::Hash) -> u64 {
        self.core.hasher.hash_one(parts)
    }
}
