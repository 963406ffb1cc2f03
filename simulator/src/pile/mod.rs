//! One simulated pile: a state machine without I/O. Time and messages from the platform enter, outputs leave;
//! the same seed and the same inputs give the same outputs.

pub mod build;
pub mod fault;
pub mod firmware;
pub mod log_text;
pub mod output;
pub mod profile;
pub mod transfer;

mod answer;
mod battery;
mod boot_failure;
mod carry;
mod charge;
mod commands;
mod components;
mod energy;
mod gun;
mod identity;
mod job;
mod life;
mod outbox;
mod parameters;
mod run_data;
mod sampler;
mod vehicle;
mod voice;
mod warning;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use protocol::Uuid;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use build::Behaviour;
use carry::{Carrying, Package};
pub use commands::command_names;
use fault::Fault;
use firmware::Firmware;
use gun::Gun;
use identity::{Identity, Said};
use job::Job;
use outbox::{Outbox, uplink};
use output::{Channel, Message, Output};
use parameters::Parameters;
use profile::{FAR_AWAY_MS, Profile};
pub use sampler::Sampler;
use voice::Voice;
use warning::OpenWarning;

/// The retained presence of a pile that is connected.
pub const ONLINE: &str = r#"{"状态":"在线"}"#;
/// Its last will.
pub const OFFLINE: &str = r#"{"状态":"离线"}"#;

/// A message on the status topic, retained.
pub(crate) fn presence(status: &'static str) -> Message {
    let payload = Bytes::from_static(status.as_bytes());
    Message {
        channel: Channel::Status,
        name: "状态",
        payload,
        record: None,
        answers: None,
    }
}

/// What a pile sends at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// Everything.
    All,
    /// 关闭运维: only logins, and answers to commands.
    LoginOnly,
    /// The run is ending: nothing new, only what still waits for confirmation.
    UnconfirmedOnly,
}

/// One pile.
#[derive(Debug, Clone)]
pub struct Pile {
    profile: Arc<Profile>,
    rng: Xoshiro256PlusPlus,
    voice: Voice,
    identity: Identity,
    guns: Vec<Gun>,
    outbox: Outbox,
    components: components::Components,
    warnings: Vec<OpenWarning>,
    jobs: Vec<(i64, Job)>,
    /// What it says the wrong way round, see [`Fault::WrongOrder`].
    gathered: Vec<Message>,
    carrying: Vec<Carrying>,
    /// Counted, to tell transfers apart.
    transfers: u32,
    package: Option<Box<Package>>,
    parameters: Parameters,
    fault: Option<Fault>,
    /// A fault that shows once has shown.
    has_tripped: bool,
    /// Random choices about what it is told to do, so that they leave its life as it is.
    chaos: Xoshiro256PlusPlus,
    behaviour: Behaviour,
    sending: Sending,
    is_online: bool,
    reqid: u32,
    serial: u32,
    /// Charges begun or plugged in for, failed ones not counted.
    charges: u32,
    next_run_data: i64,
    next_warning: i64,
    /// When the network is lost next.
    next_loss: i64,
}

/// Told from the seed of its life.
const CHAOS: u64 = 0x5EED_0FC4_A055_EED5;

impl Pile {
    /// A pile as it left the factory. Its random choices follow from the profile's seed and the uuid it
    /// was delivered with.
    pub fn new(profile: Arc<Profile>, delivered_as: Uuid, now: i64) -> Self {
        let hardware = delivered_as.counter();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(profile.seed.rotate_left(32) ^ hardware);
        let firmware = Firmware::draw(&profile.shares, &mut rng);
        let voice = Voice {
            firmware,
            clock_offset_ms: rng.random_range(-3000..3000),
        };
        let guns = if rng.random::<f64>() < 0.7 { 2 } else { 1 };
        let identity = Identity::new(hardware).delivered_with(profile.acting.software.as_deref());
        let behaviour = Behaviour::of(&profile, &identity.software());
        let next_warning = now + profile.draw_wait_ms(behaviour.warning_rate, &mut rng);
        let mut chaos = Xoshiro256PlusPlus::seed_from_u64(profile.seed.rotate_left(32) ^ hardware ^ CHAOS);
        let mut pile = Self {
            voice,
            identity,
            guns: Vec::with_capacity(usize::from(guns)),
            outbox: Outbox::default(),
            components: components::Components::new(guns),
            warnings: Vec::new(),
            jobs: Vec::new(),
            gathered: Vec::new(),
            carrying: Vec::new(),
            transfers: 0,
            package: None,
            parameters: Parameters::default(),
            fault: Fault::draw(&profile.acting.faults, &mut chaos),
            has_tripped: false,
            chaos,
            behaviour,
            sending: Sending::All,
            is_online: false,
            reqid: 0,
            serial: rng.random_range(0..10_000),
            charges: 0,
            next_run_data: FAR_AWAY_MS,
            next_warning,
            next_loss: FAR_AWAY_MS,
            rng,
            profile,
        };
        let power_w = pile.identity.power_w() / f64::from(guns);
        for zone in 1..=guns {
            let gun = Gun::new(zone, power_w, guns, now, &pile.profile, &mut pile.rng);
            pile.guns.push(gun);
        }
        pile
    }

    /// The connection stands and the commands are subscribed to.
    pub fn connected(&mut self, now: i64, out: &mut Vec<Output>) {
        self.is_online = true;
        out.push(Output::Send(presence(ONLINE)));
        let (reqid, dbm) = (self.next_reqid(), self.signal_dbm());
        let login = self.identity.render_login(&Said {
            profile: &self.profile,
            voice: &self.voice,
            guns: self.guns.len(),
            dbm,
            reqid,
            now,
        });
        out.push(Output::Send(uplink("登录", login, None)));
        self.guns.iter_mut().for_each(|gun| gun.last_sent = None);
        self.next_run_data = now + self.rng.random_range(0..self.interval_ms().max(1));
        self.next_loss = now
            + self
                .profile
                .draw_wait_ms(self.behaviour.offline_rate, &mut self.chaos);
        self.outbox.hurry(now);
        if self.fault == Some(Fault::Unasked) {
            let unasked = self.unasked(now);
            out.push(unasked);
        }
    }

    /// Between two run data messages: as it was told, or as its version has it.
    fn interval_ms(&self) -> i64 {
        self.parameters
            .interval_ms()
            .unwrap_or(self.behaviour.interval_ms)
    }

    /// Behaves as its version does from now on.
    fn behave(&mut self, now: i64) {
        self.behaviour = Behaviour::of(&self.profile, &self.identity.software());
        self.next_warning = now
            + self
                .profile
                .draw_wait_ms(self.behaviour.warning_rate, &mut self.chaos);
    }

    /// What goes wrong with it, if anything does.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// 出厂编号, by which it asks for registration.
    pub fn sn(&self) -> String {
        self.identity.sn(&self.profile)
    }

    /// 注册申请, under this contract.
    pub fn ask_for_registration(&mut self, contract: &str, now: i64) -> Vec<u8> {
        let reqid = self.next_reqid();
        let (identity, profile) = (&self.identity, &self.profile);
        identity.render_registration(contract, profile, reqid, now, &self.voice)
    }

    /// The connection is gone; the pile goes on charging.
    pub fn disconnected(&mut self) {
        self.is_online = false;
        self.next_run_data = FAR_AWAY_MS;
        self.next_loss = FAR_AWAY_MS;
    }

    /// No new charges, telemetry or warnings from now on.
    pub fn wind_down(&mut self) {
        self.sending = Sending::UnconfirmedOnly;
    }

    /// Whether every charge and event has been confirmed.
    pub fn is_settled(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Whether this pile's firmware answers on `cmd_resp/+`, repeats keys, garbles VINs, …
    pub fn firmware(&self) -> Firmware {
        self.voice.firmware
    }

    /// When time will next bring something.
    pub fn next_due(&self) -> i64 {
        let outbox = self
            .outbox
            .next_due()
            .filter(|_| self.is_online && self.sending != Sending::LoginOnly);
        let jobs = self.jobs.iter().map(|(at, _)| *at);
        let settled = outbox.into_iter().chain(jobs).min().unwrap_or(FAR_AWAY_MS);
        if self.sending == Sending::UnconfirmedOnly {
            return settled;
        }
        let guns = self.guns.iter().map(Gun::next_due);
        let warnings = self.warnings.iter().map(|warning| warning.recovers_ms);
        guns.chain(warnings)
            .chain([settled, self.next_run_data, self.next_warning, self.next_loss])
            .min()
            .unwrap_or(settled)
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: i64, out: &mut Vec<Output>) {
        if self.sending != Sending::UnconfirmedOnly {
            self.move_guns(now, out);
            self.move_warnings(now);
            if self.next_run_data <= now {
                self.next_run_data = now + self.interval_ms();
                self.send_run_data(now, out);
            }
            if self.next_loss <= now {
                self.lose_network(out);
            }
        }
        self.run_jobs(now, out);
        if self.is_online && self.sending != Sending::LoginOnly {
            self.outbox.take_due(now, self.profile.resend_ms, |message| {
                out.push(Output::Send(message))
            });
        }
    }

    pub(crate) fn next_reqid(&mut self) -> u32 {
        self.reqid = self.reqid.wrapping_add(1);
        self.reqid
    }

    pub(crate) fn signal_dbm(&mut self) -> i32 {
        self.rng.random_range(-105..-55)
    }
}
