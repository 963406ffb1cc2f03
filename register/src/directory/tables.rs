//! Every account in memory, and whom it lets in: plain data, no I/O.

use std::sync::atomic::{AtomicBool, Ordering};

use ahash::{HashMap, HashMapExt, HashSet, HashSetExt};
use protocol::Uuid;
use store::table::{broker_account, registration};

use crate::access::Role;
use crate::model::{Credential, Registration, State};

/// Who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// A TCU.
    Pile {
        /// Its uuid.
        uuid: Uuid,
        /// The one it still may use while it is being changed.
        former: Option<Uuid>,
    },
    /// An account of the platform or of its staff.
    Account(Role),
}

/// What the tables say about somebody at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Let in.
    Known(Identity),
    /// There is such an account, with another password. A newer password may not be in the tables yet.
    Wrong,
    /// There is such an account, and it may not come in.
    ShutOut,
    /// There is no such account; it may not be in the tables yet.
    Unknown,
}

/// All accounts. Registrations are found by serial number, account and uuid; each lies in `piles` once.
#[derive(Debug)]
pub(super) struct Tables {
    piles: Vec<Pile>,
    by_sn: HashMap<Box<str>, u32>,
    by_username: HashMap<Uuid, u32>,
    by_uuid: HashMap<Uuid, u32>,
    accounts: HashMap<Box<str>, Account>,
    /// Uuids of assets, also of piles that never registered: who is let in while the door is open.
    assets: HashSet<Uuid>,
    /// The highest version read so far.
    pub(super) newest_pile: i64,
    pub(super) newest_account: i64,
}

#[derive(Debug)]
struct Pile {
    version: i64,
    state: State,
    username: Option<Uuid>,
    uuid: Option<Uuid>,
    former: Option<Uuid>,
    credential: Option<Credential>,
    /// It has shown its password: from then on the door is closed behind it.
    has_password: AtomicBool,
}

#[derive(Debug)]
struct Account {
    version: i64,
    /// None: it was deleted, or cannot be read.
    live: Option<(Role, Credential)>,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            piles: Vec::new(),
            by_sn: HashMap::new(),
            by_username: HashMap::new(),
            by_uuid: HashMap::new(),
            accounts: HashMap::new(),
            assets: HashSet::new(),
            newest_pile: 0,
            newest_account: 0,
        }
    }

    /// Registrations and accounts held.
    pub(super) fn len(&self) -> (usize, usize) {
        (self.piles.len(), self.accounts.len())
    }

    /// Whether this is the account's password.
    pub(super) fn judge(&self, username: &str, password: &str) -> Judgement {
        let Ok(username) = Uuid::parse(username) else {
            return self.judge_account(username, password);
        };
        let Some(pile) = self.pile(&self.by_username, username) else {
            return Judgement::Unknown;
        };
        let (true, Some(uuid)) = (pile.state.may_connect(), pile.uuid) else {
            return Judgement::ShutOut;
        };
        if !pile.credential.as_ref().is_some_and(|kept| kept.verify(password)) {
            return Judgement::Wrong;
        }
        pile.has_password.store(true, Ordering::Relaxed);
        Judgement::Known(Identity::Pile {
            uuid,
            former: pile.former,
        })
    }

    fn judge_account(&self, username: &str, password: &str) -> Judgement {
        match self.accounts.get(username) {
            None => Judgement::Unknown,
            Some(Account { live: None, .. }) => Judgement::ShutOut,
            Some(Account {
                live: Some((role, kept)),
                ..
            }) => match kept.verify(password) {
                true => Judgement::Known(Identity::Account(*role)),
                false => Judgement::Wrong,
            },
        }
    }

    /// Whether a pile of this uuid is let in without a password, while the door is open.
    pub(super) fn judge_open(&self, uuid: Uuid) -> Judgement {
        let registered = self
            .pile(&self.by_uuid, uuid)
            .or_else(|| self.pile(&self.by_username, uuid));
        match registered {
            Some(pile) => match pile.uuid {
                Some(uuid) if pile.state.may_connect() && !pile.has_password.load(Ordering::Relaxed) => {
                    Judgement::Known(Identity::Pile {
                        uuid,
                        former: pile.former,
                    })
                }
                _ => Judgement::ShutOut,
            },
            None if self.assets.contains(&uuid) => Judgement::Known(Identity::Pile { uuid, former: None }),
            None => Judgement::Unknown,
        }
    }

    fn pile(&self, index: &HashMap<Uuid, u32>, uuid: Uuid) -> Option<&Pile> {
        index.get(&uuid).and_then(|at| self.piles.get(*at as usize))
    }

    /// Whether this version of a TCU, or a newer one, is held.
    pub(super) fn holds(&self, sn: &str, version: i64) -> bool {
        let held = self.by_sn.get(sn).map(|at| &self.piles[*at as usize]);
        held.is_some_and(|held| held.version >= version)
    }

    /// Takes a version of a registration, unless it or a newer one is held. One that cannot be read keeps its TCU out:
    /// nobody knows what it would have said.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn take_registration(&mut self, row: registration::Stored) -> Result<(), String> {
        self.newest_pile = self.newest_pile.max(row.timestamp);
        let held = self
            .by_sn
            .get(row.sn.as_str())
            .map(|at| &self.piles[*at as usize]);
        if held.is_some_and(|held| held.version >= row.timestamp) {
            return Ok(());
        }
        let (sn, version) = (row.sn.clone(), row.timestamp);
        match read(row) {
            Ok(pile) => {
                self.put(sn, pile);
                Ok(())
            }
            Err(error) => {
                self.put(sn, Pile::kept_out(version));
                Err(error)
            }
        }
    }

    fn put(&mut self, sn: String, mut pile: Pile) {
        let at = match self.by_sn.get(sn.as_str()) {
            Some(&at) => {
                let held = &mut self.piles[at as usize];
                if held.username == pile.username && held.uuid == pile.uuid {
                    pile.has_password = AtomicBool::new(held.has_password.load(Ordering::Relaxed));
                }
                let former = std::mem::replace(held, pile);
                for uuid in [former.uuid, former.former].into_iter().flatten() {
                    remove_if(&mut self.by_uuid, uuid, at);
                }
                if let Some(username) = former.username {
                    remove_if(&mut self.by_username, username, at);
                }
                at
            }
            None => {
                let at = u32::try_from(self.piles.len()).expect("far fewer TCUs than four thousand million");
                self.piles.push(pile);
                self.by_sn.insert(sn.into_boxed_str(), at);
                at
            }
        };
        let pile = &self.piles[at as usize];
        if let Some(username) = pile.username {
            self.by_username.insert(username, at);
        }
        for uuid in [pile.former, pile.uuid].into_iter().flatten() {
            self.by_uuid.insert(uuid, at);
        }
    }

    /// Takes a version of an account, unless it or a newer one is held.
    ///
    /// # Errors
    /// What cannot be read; then nobody comes in with that account.
    pub(super) fn take_account(&mut self, row: broker_account::Stored) -> Result<(), String> {
        self.newest_account = self.newest_account.max(row.timestamp);
        if self
            .accounts
            .get(row.username.as_str())
            .is_some_and(|held| held.version >= row.timestamp)
        {
            return Ok(());
        }
        let read = match row.flag_del {
            0 => row.role.parse::<Role>().and_then(|role| {
                let credential = Credential::parse(&row.credential).map_err(|error| error.to_string())?;
                Ok(Some((role, credential)))
            }),
            _ => Ok(None),
        };
        let (live, outcome) = match read {
            Ok(live) => (live, Ok(())),
            Err(error) => (None, Err(format!("account {}: {error}", row.username))),
        };
        let account = Account {
            version: row.timestamp,
            live,
        };
        self.accounts.insert(row.username.into_boxed_str(), account);
        outcome
    }

    /// The name of an asset came up; one that is no uuid stands for no pile.
    pub(super) fn take_asset(&mut self, name: &str) {
        if let Ok(uuid) = Uuid::parse(name) {
            self.assets.insert(uuid);
        }
    }

    /// All names of assets, read anew.
    pub(super) fn replace_assets(&mut self, assets: HashSet<Uuid>) {
        self.assets = assets;
    }
}

impl Pile {
    fn kept_out(version: i64) -> Self {
        Self {
            version,
            state: State::Disabled,
            username: None,
            uuid: None,
            former: None,
            credential: None,
            has_password: AtomicBool::new(false),
        }
    }
}

fn read(row: registration::Stored) -> Result<Pile, String> {
    let registration = Registration::from_stored(row).map_err(|error| error.to_string())?;
    let username = match registration.username.as_str() {
        "" => None,
        text => Some(Uuid::parse(text).map_err(|error| format!("account of {}: {error}", registration.sn))?),
    };
    Ok(Pile {
        version: registration.version,
        state: registration.state,
        username,
        uuid: registration.uuid,
        former: registration.former_uuid,
        credential: registration.credential,
        has_password: AtomicBool::new(false),
    })
}

/// Another TCU may have taken the entry meanwhile.
fn remove_if(index: &mut HashMap<Uuid, u32>, uuid: Uuid, at: u32) {
    if index.get(&uuid) == Some(&at) {
        index.remove(&uuid);
    }
}

#[cfg(test)]
mod tests;
