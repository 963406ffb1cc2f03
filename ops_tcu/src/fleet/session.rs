//! All that is kept in memory of one pile. 200,000 of these must fit beside everything else, so what
//! most piles do not have (commands, warnings) costs a pointer until there is some.

use compact_str::CompactString;
use protocol::Uuid;

use super::commands::Commands;
use super::gun::Gun;
use super::traffic::Traffic;
use super::warning::Warnings;

/// How many identities of recent events are remembered per pile, to recognise a repetition at once.
/// What is older is recognised by the database when the log is drained.
const RECENT: usize = 8;

/// What a pile said of itself when it logged in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// 出厂编号.
    pub sn: CompactString,
    /// 软件版本.
    pub software: CompactString,
    /// 型号.
    pub model: CompactString,
    /// SIM卡号.
    pub sim: CompactString,
}

/// A pile's connection, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Presence {
    /// It has not been heard of since the start.
    #[default]
    Unknown,
    /// It speaks.
    Online,
    /// Its last will came, or it has been silent too long.
    Offline,
}

/// One pile.
#[derive(Debug)]
pub(super) struct Session {
    /// Its uuid.
    pub uuid: Uuid,
    /// Its device id.
    pub device_id: u64,
    /// Its device type.
    pub dt_id: u64,
    /// The broker that it was last heard through; none before it has been heard.
    pub link: Option<u8>,
    /// Whether it is connected.
    pub presence: Presence,
    /// Whether its latest state is yet to be written to Redis.
    pub dirty: bool,
    /// When it was last heard, ms.
    pub last_seen: i64,
    /// When a malformed payload of it was last sampled, ms.
    pub sampled: i64,
    /// When its components are due to be asked for, ms; 0 = not scheduled.
    pub poll_due: i64,
    /// The last number given to a command.
    pub last_reqid: u32,
    /// Who it says it is.
    pub identity: Box<Identity>,
    /// Its guns.
    pub guns: Vec<Gun>,
    /// Its warnings.
    pub warnings: Option<Box<Warnings>>,
    /// Its commands.
    pub commands: Option<Box<Commands>>,
    /// Its bytes.
    pub traffic: Traffic,
    recent: [u64; RECENT],
    recent_at: u8,
}

impl Session {
    /// A pile that has not spoken yet.
    pub(super) fn new(uuid: Uuid, device_id: u64, dt_id: u64) -> Self {
        Self {
            uuid,
            device_id,
            dt_id,
            link: None,
            presence: Presence::Unknown,
            dirty: false,
            last_seen: 0,
            sampled: 0,
            poll_due: 0,
            last_reqid: 0,
            identity: Box::default(),
            guns: Vec::new(),
            warnings: None,
            commands: None,
            traffic: Traffic::default(),
            recent: [0; RECENT],
            recent_at: 0,
        }
    }

    /// The gun with this number, made if need be.
    pub(super) fn gun(&mut self, number: u8) -> &mut Gun {
        let at = self
            .guns
            .iter()
            .position(|g| g.number == number)
            .unwrap_or_else(|| {
                self.guns.reserve_exact(1);
                self.guns.push(Gun {
                    number,
                    ..Gun::default()
                });
                self.guns.len() - 1
            });
        &mut self.guns[at]
    }

    /// Whether an event of this identity is among the latest ones; remembers it if not. Only for
    /// identities whose row is in this worker's output or was in an earlier one, so that a
    /// confirmation never runs ahead of durability.
    pub(super) fn is_repeated(&mut self, identity: u64) -> bool {
        // Zero marks an empty place.
        let identity = identity.max(1);
        if self.recent.contains(&identity) {
            return true;
        }
        self.recent[usize::from(self.recent_at)] = identity;
        self.recent_at = (self.recent_at + 1) % RECENT as u8;
        false
    }

    /// The next number for a command; never 0, which means 'none' on the wire. The first one comes
    /// from the clock, so that an answer to a command from before a restart does not fit a new one.
    pub(super) fn next_reqid(&mut self, now: i64) -> u32 {
        if self.last_reqid == 0 {
            self.last_reqid = (now / 1000) as u32;
        }
        self.last_reqid = self.last_reqid.checked_add(1).unwrap_or(1);
        self.last_reqid
    }

    /// A command of an earlier process has this number: none that is asked for from now on gets it.
    pub(super) fn number_is_taken(&mut self, reqid: u32, now: i64) {
        if self.last_reqid == 0 {
            self.last_reqid = (now / 1000) as u32;
        }
        // Further ahead than this it is one from before a wrap.
        if (1..1_000_000).contains(&reqid.wrapping_sub(self.last_reqid)) {
            self.last_reqid = reqid;
        }
    }

    /// Its warnings, made if need be.
    pub(super) fn warnings(&mut self) -> &mut Warnings {
        self.warnings.get_or_insert_default()
    }

    /// Its commands, made if need be.
    pub(super) fn commands(&mut self) -> &mut Commands {
        self.commands.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new(Uuid::from_counter(1).unwrap(), 7, 1)
    }

    #[test]
    fn the_latest_identities_are_recognised() {
        let mut session = session();
        for identity in 1..=8 {
            assert!(!session.is_repeated(identity));
        }
        assert!(session.is_repeated(1));
        assert!(!session.is_repeated(9), "new, and pushes the oldest out");
        assert!(!session.is_repeated(1));
    }

    #[test]
    fn numbers_wrap_past_zero() {
        let mut session = session();
        session.last_reqid = u32::MAX;
        assert_eq!(session.next_reqid(0), 1);
    }

    #[test]
    fn numbers_of_an_earlier_process_are_passed_over() {
        let mut session = session();
        session.number_is_taken(1_005, 1_000_000);
        session.number_is_taken(1_003, 1_000_000);
        assert_eq!(session.next_reqid(1_000_000), 1_006);
        session.number_is_taken(4_000_000_000, 1_000_000);
        assert_eq!(session.next_reqid(1_000_000), 1_007);
    }

    #[test]
    fn a_session_is_small() {
        assert!(size_of::<Session>() <= 272, "{} bytes", size_of::<Session>());
        assert!(size_of::<Gun>() <= 144, "{} bytes", size_of::<Gun>());
    }
}
