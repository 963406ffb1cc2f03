//! One worker's share of the fleet: finds the pile of each message and gives it its turn. No I/O: input
//! is batches and time, output is rows and messages.

mod commands;

use ahash::{HashMap, HashMapExt};
use protocol::topic::Inbound;
use protocol::{Frame, Uplink, Uuid, salvage_reqid, salvage_trade_number};
use store::device_state::DeviceState;
use store::table::asset::{ADOPTED, Asset as AssetRow};

use crate::config::UnknownDevice;
use crate::fleet::commands::Again;
use crate::fleet::on;
use crate::fleet::output::Output;
use crate::fleet::session::{Presence, Session};
use crate::fleet::state;
use crate::fleet::traffic::Direction;
use crate::fleet::turn::{Core, Turn};
use crate::message::{Asset, AssetVersion, InPubTopicPayload, Origin, StateEntry};

/// The look at every pile is spread over this many ticks.
const ROUND: usize = 60;
/// Traffic counts are written every this many rounds.
const TRAFFIC_ROUNDS: usize = 5;

/// A worker's sessions and what they share.
pub struct Shard {
    core: Core,
    sessions: Vec<Session>,
    /// Places of sessions whose uuid has no asset any more, to be used again; the index does not know them.
    vacant: Vec<u32>,
    /// Uuids whose states are to be taken back.
    gone: Vec<Uuid>,
    index: HashMap<u64, u32>,
    round: usize,
    tick: usize,
}

impl Shard {
    /// Without any pile.
    pub fn new(core: Core) -> Self {
        Self {
            core,
            sessions: Vec::new(),
            vacant: Vec::new(),
            gone: Vec::new(),
            index: HashMap::new(),
            round: 0,
            tick: 0,
        }
    }

    /// What it has put out since it was last taken.
    pub fn output(&mut self) -> &mut Output {
        &mut self.core.out
    }

    /// What its piles share.
    pub fn core(&mut self) -> &mut Core {
        &mut self.core
    }

    /// How many piles it knows, and how many of them are online.
    pub fn census(&self) -> (usize, usize) {
        let online = self
            .sessions
            .iter()
            .filter(|s| s.presence == Presence::Online)
            .count();
        (self.index.len(), online)
    }

    /// Takes over an asset: a new pile, or another device id for a known uuid.
    pub fn confirm(&mut self, asset: &Asset, now: i64) {
        let Some(place) = self.known(asset.uuid) else {
            self.add(Session::new(asset.uuid, asset.device_id, asset.dt_id));
            return;
        };
        if self.sessions[place as usize].device_id != asset.device_id {
            self.close(place, "桩的资产已更换", now);
            self.turn(place, now).changed();
        }
        let session = &mut self.sessions[place as usize];
        (session.device_id, session.dt_id) = (asset.device_id, asset.dt_id);
    }

    /// The asset no longer stands for its uuid: what comes under it is an unknown pile's.
    pub fn forget(&mut self, asset: &Asset, now: i64) {
        let Some(place) = self.known(asset.uuid) else {
            return;
        };
        if self.sessions[place as usize].device_id != asset.device_id {
            return;
        }
        self.close(place, "桩的资产已删除", now);
        self.index.remove(&asset.uuid.counter());
        self.sessions[place as usize] = Session::new(asset.uuid, 0, 0);
        self.vacant.push(place);
        self.gone.push(asset.uuid);
    }

    /// Puts out what belongs to a session's device id while it still has it.
    fn close(&mut self, place: u32, reason: &str, now: i64) {
        self.write_traffic(place);
        // As if every storm's minute were over.
        on::event::settle(&mut self.turn(place, now + 60_000));
        let mut turn = self.turn(place, now);
        on::command::cancel(&mut turn, reason);
        turn.session.warnings = None;
    }

    /// Makes room for this many piles at once.
    pub fn reserve(&mut self, piles: usize) {
        self.sessions.reserve_exact(piles);
        self.index.reserve(piles);
    }

    /// Takes over the last known state of a pile that has an asset.
    pub fn restore(&mut self, uuid: Uuid, json: &str) {
        let Some(place) = self.known(uuid) else { return };
        match serde_json::from_str::<DeviceState<'_>>(json) {
            Ok(known) => state::restore(&mut self.sessions[place as usize], &known),
            // Its next message writes a good one.
            Err(_) => self.core.tally.reject("unreadable_state"),
        }
    }

    /// Handles a batch that came over `link` at `now`.
    pub fn take(&mut self, items: &[InPubTopicPayload], link: u8, now: i64) {
        for item in items {
            match &item.origin {
                Origin::Pile(uuid) => self.said(*uuid, item, link, now),
                Origin::Status(uuid) => self.status(*uuid, item, link, now, true),
                Origin::KeptStatus(uuid) => self.status(*uuid, item, link, now, false),
                Origin::Stray(topic) => self.stray(topic, item, now),
            }
        }
    }

    /// One second has passed.
    pub fn tick(&mut self, now: i64) {
        let mut commanding = std::mem::take(&mut self.core.commanding);
        // A pile whose asset changed in between may stand there twice.
        commanding.sort_unstable();
        commanding.dedup();
        for place in commanding {
            on::command::expire(&mut self.turn(place, now));
            if self.sessions[place as usize].commands.is_some() {
                self.core.commanding.push(place);
            }
        }
        self.core.ended.forget(now);
        self.send_in_turn(now);
        let share = self.sessions.len().div_ceil(ROUND);
        let from = (self.tick * share).min(self.sessions.len());
        let to = (from + share).min(self.sessions.len());
        for place in from..to {
            self.look_at(place as u32, now);
        }
        self.tick += 1;
        if self.tick == ROUND {
            (self.tick, self.round) = (0, self.round + 1);
        }
        self.core.tally.report(&self.core.names);
    }

    /// Puts out everything that is only in memory.
    pub fn finish(&mut self, now: i64) {
        for place in 0..self.sessions.len() as u32 {
            self.write_traffic(place);
            on::event::settle(&mut self.turn(place, now + 60_000));
        }
        self.core.tally.report(&self.core.names);
    }

    /// The states that have changed since the last call, at most `limit` of them, and those that are to go.
    pub fn changed_states(&mut self, limit: usize) -> Vec<StateEntry> {
        let gone = std::mem::take(&mut self.gone);
        let gone = gone.into_iter().filter(|uuid| self.known(*uuid).is_none());
        let mut states: Vec<_> = gone
            .map(|uuid| (self.core.keys.state_of(uuid), uuid.to_string(), None))
            .collect();
        let from = self.core.dirty.len().saturating_sub(limit);
        for place in self.core.dirty.split_off(from) {
            let session = &mut self.sessions[place as usize];
            session.dirty = false;
            // It may have become vacant meanwhile.
            if self.index.get(&session.uuid.counter()) == Some(&place) {
                let (key, uuid, json) = state::entry(session, &self.core.keys);
                states.push((key, uuid, Some(json)));
            }
        }
        states
    }

    fn said(&mut self, uuid: Uuid, item: &InPubTopicPayload, link: u8, now: i64) {
        let Some(place) = self.known(uuid).or_else(|| self.admit(uuid, now)) else {
            return self.refuse(uuid, item, link, now);
        };
        let bytes = usize::from(item.topic_bytes) + item.payload.len();
        let mut turn = self.turn(place, now);
        let back = turn.heard(link);
        let frame = Frame::read(&item.payload);
        match frame.as_ref().map_err(Clone::clone).and_then(Frame::message) {
            Ok(message) => {
                turn.count(message.command(), Direction::Up, bytes);
                let frame = frame.as_ref().expect("it gave the message");
                dispatch(&mut turn, &message, frame, &item.payload);
            }
            Err(malformed) => {
                turn.count("", Direction::Up, bytes);
                on::malformed::malformed(&mut turn, &malformed, &item.payload, false);
            }
        }
        if back {
            on::command::back(&mut turn, Again::Heard);
        }
    }

    fn status(&mut self, uuid: Uuid, item: &InPubTopicPayload, link: u8, now: i64, live: bool) {
        // A status alone makes no asset: retained ones outlive their piles.
        let Some(place) = self.known(uuid) else {
            return self.core.tally.reject("status_of_unknown");
        };
        let mut turn = self.turn(place, now);
        if live {
            turn.count(
                "状态",
                Direction::Up,
                usize::from(item.topic_bytes) + item.payload.len(),
            );
        }
        if item.payload.is_empty() {
            // How a retained message is taken back.
            return;
        }
        let frame = Frame::read(&item.payload);
        match frame.as_ref().map_err(Clone::clone).and_then(Frame::presence) {
            Ok(presence) => on::presence::presence(&mut turn, &presence, link),
            Err(malformed) => on::malformed::malformed(&mut turn, &malformed, &item.payload, true),
        }
    }

    fn stray(&mut self, topic: &str, item: &InPubTopicPayload, now: i64) {
        self.core.tally.reject("bad_uuid");
        // What stands in its place tells apart the samples of one millisecond.
        let uuid = match self.core.topics.parse(topic) {
            Inbound::BadUuid(text) => text,
            _ => "",
        };
        let whose = on::malformed::Whose {
            device_id: 0,
            uuid,
            topic,
        };
        on::malformed::sample(&mut self.core.out, now, &whose, "bad_uuid", 0, &item.payload);
    }

    fn refuse(&mut self, uuid: Uuid, item: &InPubTopicPayload, link: u8, now: i64) {
        self.core.tally.reject("unknown_device");
        let number = salvage_trade_number(&item.payload).unwrap_or_default();
        let topic = self.core.topics.msg(uuid);
        let text = uuid.to_string();
        let row =
            on::trade_record::quarantine_row(now, 0, &text, &topic, "unknown_device", &number, &item.payload);
        self.core.out.row(&row);
        if !number.is_empty() {
            // Safe in quarantine: without a confirmation the pile would send it for ever.
            let json = on::trade_record::confirmation(&number, salvage_reqid(&item.payload).unwrap_or(0));
            self.core.out.reply(link, self.core.topics.cmd(uuid), json);
        }
    }

    fn known(&self, uuid: Uuid) -> Option<u32> {
        self.index.get(&uuid.counter()).copied()
    }

    /// Adopts a pile that no asset has, if that is allowed.
    fn admit(&mut self, uuid: Uuid, now: i64) -> Option<u32> {
        if self.core.rules.unknown_device == UnknownDevice::Refuse {
            return None;
        }
        let device_id = self.core.ids.next(now);
        let dt_id = self.core.rules.dt_id;
        let name = uuid.to_string();
        self.core.tally.count("ops_tcu_adopted_total", "asset");
        self.core.ids.adopted(AssetVersion {
            device_id,
            uuid: Some(uuid),
            dt_id,
            version: now,
            adopted: true,
        });
        self.core.out.row(&AssetRow {
            timestamp: now,
            device_id,
            dt_id,
            audit_status: ADOPTED,
            name: &name,
            ..AssetRow::default()
        });
        Some(self.add(Session::new(uuid, device_id, dt_id)))
    }

    fn add(&mut self, session: Session) -> u32 {
        let uuid = session.uuid.counter();
        let place = match self.vacant.pop() {
            Some(place) => {
                self.sessions[place as usize] = session;
                place
            }
            None => {
                self.sessions.push(session);
                self.sessions.len() as u32 - 1
            }
        };
        self.index.insert(uuid, place);
        place
    }

    fn turn(&mut self, place: u32, now: i64) -> Turn<'_> {
        Turn {
            place,
            session: &mut self.sessions[place as usize],
            core: &mut self.core,
            now,
        }
    }

    /// What is due for one pile, once a minute.
    fn look_at(&mut self, place: u32, now: i64) {
        let mut turn = self.turn(place, now);
        if turn.session.warnings.is_some() {
            on::event::settle(&mut turn);
        }
        let silent = now - turn.session.last_seen > turn.core.rules.offline_after;
        if turn.session.presence == Presence::Online && silent {
            turn.session.presence = Presence::Offline;
            turn.changed();
        }
        on::key_component::poll(&mut turn);
        if (place as usize + self.round).is_multiple_of(TRAFFIC_ROUNDS) {
            self.write_traffic(place);
        }
    }

    fn write_traffic(&mut self, place: u32) {
        let session = &mut self.sessions[place as usize];
        if let Some(counted) = session.traffic.take() {
            on::traffic::write(session.device_id, &counted, &self.core.names, &mut self.core.out);
        }
    }
}

fn dispatch(turn: &mut Turn<'_>, message: &Uplink<'_>, frame: &Frame<'_>, payload: &[u8]) {
    match message {
        Uplink::RunData(data) => on::run_data::run_data(turn, data, false),
        Uplink::Change(data) => on::run_data::run_data(turn, data, true),
        Uplink::Login(login) => on::login::login(turn, login),
        Uplink::Event(event) => on::event::event(turn, event),
        Uplink::TradeRecord(record) => {
            let exact = frame.encoding() == protocol::Encoding::Utf8;
            on::trade_record::trade_record(turn, record, payload, exact);
        }
        Uplink::BootFailed(failure) => on::boot_failed::boot_failed(turn, failure),
        Uplink::KeyComponent(answer) => on::key_component::key_component(turn, answer, frame.text()),
        Uplink::Answer(answer) => on::answer::answer(turn, answer, frame.text()),
        Uplink::DownloadProgress(progress) => on::answer::download_progress(turn, progress, frame.text()),
        Uplink::LogUploaded(uploaded) => on::answer::log_uploaded(turn, uploaded, frame.text()),
        Uplink::Register(_) | Uplink::Unknown(_) => {
            on::unknown::unknown(turn, message.command(), message.common().reqid, payload);
        }
    }
}
