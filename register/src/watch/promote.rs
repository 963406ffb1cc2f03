//! 已注册 → 在役: what a login tells about its registration. A fleet that logs in for the first time is written in
//! batches.

use std::collections::{HashMap, HashSet};

use protocol::Uuid;
use store::table::asset::AssetVersion;
use store::table::registration;

use super::Fresh;
use super::seen::Seen;
use crate::ledger::{LedgerError, now};
use crate::model::{Registration, Serial, State, next_version};
use crate::operations::assets::{self, Changed, Whole};
use crate::operations::{OperationError, Operations, told};

/// Logins looked at together: they share one lookup, one lock request and one insert. A lookup of a thousand reads as
/// much of a large table as one of five thousand.
pub(super) const TOGETHER: usize = 5_000;
/// The asset of a pile that just spoke for the first time is written by `ops_tcu` about now; ms.
const ASSET_WITHIN_MS: i64 = 600_000;

/// A registration after a login.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    /// It came into service under its uuid.
    Promoted(Box<Registration>),
    /// It still speaks under the uuid that it should have left.
    StillFormer,
    /// Nothing new.
    Nothing,
}

/// A pile whose asset may lack what its TCU says.
#[derive(Debug, Clone)]
pub(super) struct Unfilled {
    device_id: u64,
    model: String,
    contract: String,
    sim: String,
    until: i64,
}

/// What is left to do after a batch.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Somebody else works on these registrations.
    pub(super) busy: Vec<Seen>,
    pub(super) unfilled: Vec<Unfilled>,
    /// These are in service now.
    pub(super) promoted: usize,
}

impl Rest {
    fn add(&mut self, other: Self) {
        self.busy.extend(other.busy);
        self.unfilled.extend(other.unfilled);
        self.promoted += other.promoted;
    }
}

/// What a login under `seen.uuid` says about the registration of its TCU.
fn judge(registration: &Registration, seen: &Seen, now: i64) -> Told {
    if !registration.state.may_connect() {
        return Told::Nothing;
    }
    if registration.former_uuid == Some(seen.uuid) && registration.uuid != Some(seen.uuid) {
        return Told::StillFormer;
    }
    if registration.uuid != Some(seen.uuid) || registration.login_time != 0 {
        return Told::Nothing;
    }
    let known = registration.device_id;
    Told::Promoted(Box::new(Registration {
        version: next_version(registration.version, now),
        state: State::InService,
        former_uuid: None,
        login_time: seen.at,
        device_id: if known == 0 { seen.device_id } else { known },
        ..registration.clone()
    }))
}

impl Operations {
    /// Looks at a batch of logins; if one of them cannot be dealt with, at the others.
    ///
    /// # Errors
    /// ClickHouse or Redis is away; the same batch may be looked at again.
    pub(super) async fn look_at_each(&self, logins: Vec<Seen>) -> Result<Rest, OperationError> {
        match self.look_at(logins.clone()).await {
            Err(error) if error.dependency().is_none() => {
                tracing::warn!(%error, "a batch of logins is looked at one by one");
            }
            other => return other,
        }
        let mut rest = Rest::default();
        for seen in logins {
            match self.look_at(vec![seen.clone()]).await {
                Ok(one) => rest.add(one),
                Err(error) if error.dependency().is_some() => return Err(error),
                Err(error) => tracing::error!(uuid = %seen.uuid, %error, "a login is passed over"),
            }
        }
        Ok(rest)
    }

    async fn look_at(&self, logins: Vec<Seen>) -> Result<Rest, OperationError> {
        let known = self.of_logins(&logins).await?;
        let mut rest = Rest::default();
        let mut news: Vec<(Seen, &Registration)> = Vec::new();
        for seen in logins {
            let Some(registration) = known.get(&key(&seen)) else {
                continue;
            };
            match judge(registration, &seen, now()) {
                Told::Promoted(_) => news.push((seen, registration)),
                Told::StillFormer => self.remind(registration),
                Told::Nothing => {}
            }
        }
        // The first login counts, and a registration is written once.
        news.sort_by(|(a, known_a), (b, known_b)| (&known_a.sn, a.at).cmp(&(&known_b.sn, b.at)));
        news.dedup_by(|(_, later), (_, first)| later.sn == first.sn);
        if !news.is_empty() {
            self.promote(news, &mut rest).await?;
        }
        Ok(rest)
    }

    /// The registrations that logins may be about, each under [`key`].
    async fn of_logins(
        &self,
        logins: &[Seen],
    ) -> Result<HashMap<(Option<Serial>, Uuid), Registration>, OperationError> {
        let mut found = HashMap::new();
        let sns: Vec<&Serial> = logins.iter().filter_map(|seen| seen.sn.as_ref()).collect();
        let by_sn = self.ledger().by_sn(&sns).await?;
        let nameless: Vec<String> = logins
            .iter()
            .filter(|seen| seen.sn.is_none())
            .map(|seen| seen.uuid.to_string())
            .collect();
        let nameless: Vec<&str> = nameless.iter().map(String::as_str).collect();
        let by_uuid = match nameless.is_empty() {
            true => Vec::new(),
            false => registration::by_uuid(self.ledger().db(), &nameless).await?,
        };
        let mut of_uuid = HashMap::new();
        for row in by_uuid {
            let registration = Registration::from_stored(row).map_err(LedgerError::from)?;
            let uuids = registration.uuid.into_iter().chain(registration.former_uuid);
            for uuid in uuids {
                of_uuid.insert(uuid, registration.clone());
            }
        }
        for seen in logins {
            let registration = match &seen.sn {
                Some(sn) => by_sn.get(sn),
                None => of_uuid.get(&seen.uuid),
            };
            if let Some(registration) = registration {
                found.insert(key(seen), registration.clone());
            }
        }
        Ok(found)
    }

    async fn promote(&self, news: Vec<(Seen, &Registration)>, rest: &mut Rest) -> Result<(), OperationError> {
        let sns: Vec<&Serial> = news.iter().map(|(_, known)| &known.sn).collect();
        let there = self.piles_there(&news).await?;
        let locks = self.ledger().lock(&sns).await?;
        let outcome = async {
            let truth = self.ledger().by_sn(&sns).await?;
            let mut promoted = Vec::new();
            for (seen, known) in news {
                if !locks.has(&known.sn) {
                    rest.busy.push(seen);
                    continue;
                }
                let Some(before) = truth.get(&known.sn) else {
                    continue;
                };
                if let Told::Promoted(mut after) = judge(before, &seen, now()) {
                    if !there.contains(&after.device_id) {
                        after.device_id = seen.device_id;
                    }
                    promoted.push((before.clone(), *after, seen));
                }
            }
            let afters: Vec<Registration> = promoted.iter().map(|(_, after, _)| after.clone()).collect();
            if !afters.is_empty() {
                self.save(&locks, &afters).await?;
            }
            for (before, after, seen) in &promoted {
                // It came from another uuid, or ops_tcu adopted it under this one before it knew whose it is.
                if before.former_uuid.is_some() || after.device_id != seen.device_id {
                    self.agree(after, &mut Fresh::remembering(1)).await?;
                }
            }
            Ok::<_, OperationError>(promoted)
        }
        .await;
        locks.release().await;
        for (before, after, seen) in outcome? {
            rest.promoted += 1;
            rest.unfilled.push(Unfilled {
                device_id: after.device_id,
                model: first_of(&after.model, &seen.model),
                contract: after.contract.clone(),
                sim: first_of(&after.sim, &seen.sim),
                until: now() + ASSET_WITHIN_MS,
            });
            if before.former_uuid.is_some() && after.credential.is_some() {
                let rules = self.rules(&after);
                told(&after.username, self.broker().set_rules(&after.username, &rules)).await;
            }
        }
        Ok(())
    }

    /// Those of the registrations' piles that have an asset.
    async fn piles_there(&self, news: &[(Seen, &Registration)]) -> Result<HashSet<u64>, OperationError> {
        let elsewhere = news
            .iter()
            .filter(|(seen, known)| known.device_id != seen.device_id);
        let devices: Vec<u64> = elsewhere
            .map(|(_, known)| known.device_id)
            .filter(|id| *id != 0)
            .collect();
        if devices.is_empty() {
            return Ok(HashSet::new());
        }
        let rows = assets::read(self.ledger().db(), &devices, &[]).await?;
        Ok(rows.iter().map(|row| row.device_id).collect())
    }

    /// 更新ID was lost, as when the pile was just connecting: it is sent once more.
    fn remind(&self, registration: &Registration) {
        if let (Some(former), Some(uuid)) = (registration.former_uuid, registration.uuid) {
            self.say_change(&registration.sn, former, uuid);
        }
    }

    /// Fills in what assets lack; gives those that are not there yet, or that somebody else is changing.
    ///
    /// # Errors
    /// ClickHouse or Redis is away.
    pub(super) async fn fill(&self, unfilled: &[Unfilled]) -> Result<Vec<Unfilled>, OperationError> {
        let devices: Vec<u64> = unfilled.iter().map(|pile| pile.device_id).collect();
        let said: HashMap<u64, &Unfilled> = unfilled.iter().map(|pile| (pile.device_id, pile)).collect();
        let now = now();
        let filled = |row: &AssetVersion| {
            let pile = said.get(&row.device_id)?;
            assets::filled(row, &pile.model, &pile.contract, &pile.sim, now)
        };
        let decide = |rows: &[AssetVersion]| Ok(rows.iter().filter_map(filled).collect());
        let Changed { busy, absent, .. } =
            assets::change(self.ledger(), &devices, &[], Whole::Each, decide).await?;
        let waits = |pile: &&Unfilled| {
            busy.contains(&pile.device_id) || (absent.contains(&pile.device_id) && now < pile.until)
        };
        Ok(unfilled.iter().filter(waits).cloned().collect())
    }
}

fn key(seen: &Seen) -> (Option<Serial>, Uuid) {
    (seen.sn.clone(), seen.uuid)
}

fn first_of(one: &str, other: &str) -> String {
    if one.is_empty() { other } else { one }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::unknown_tcu;

    fn uuid(counter: u64) -> Uuid {
        Uuid::from_counter(counter).unwrap()
    }

    fn seen(counter: u64) -> Seen {
        Seen {
            uuid: uuid(counter),
            sn: Serial::parse("SN1").ok(),
            model: String::new(),
            sim: String::new(),
            device_id: 42,
            at: 1000,
        }
    }

    fn registered() -> Registration {
        Registration {
            state: State::Registered,
            uuid: Some(uuid(5)),
            ..unknown_tcu(Serial::parse("SN1").unwrap())
        }
    }

    #[test]
    fn the_first_login_under_its_uuid_brings_it_into_service() {
        let Told::Promoted(after) = judge(&registered(), &seen(5), 2000) else {
            panic!("it logged in");
        };
        assert_eq!(
            (after.state, after.device_id, after.login_time),
            (State::InService, 42, 1000)
        );
        assert_eq!(judge(&after, &seen(5), 3000), Told::Nothing, "it is in service");
        assert_eq!(
            judge(&registered(), &seen(6), 2000),
            Told::Nothing,
            "another's uuid"
        );
    }

    #[test]
    fn a_change_is_carried_out_once_the_new_uuid_logs_in() {
        let changing = Registration {
            state: State::InService,
            former_uuid: Some(uuid(4)),
            device_id: 41,
            ..registered()
        };
        assert_eq!(judge(&changing, &seen(4), 2000), Told::StillFormer);
        let Told::Promoted(after) = judge(&changing, &seen(5), 2000) else {
            panic!("it logged in");
        };
        assert_eq!((after.former_uuid, after.device_id), (None, 41), "its pile stays");
    }

    #[test]
    fn who_may_not_connect_does_not_come_into_service() {
        for state in State::ALL.into_iter().filter(|state| !state.may_connect()) {
            let registration = Registration {
                state,
                ..registered()
            };
            assert_eq!(judge(&registration, &seen(5), 2000), Told::Nothing);
        }
    }
}
