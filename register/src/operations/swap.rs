//! 更换TCU: another TCU is put into a pile. The asset keeps its `device_id`; the uuid with which it speaks changes.

use protocol::Uuid;
use serde_json::json;
use store::table::asset::AssetVersion;

use super::locked::{check_version, decision};
use super::{Caller, Conflict, Done, OperationError, Operations, Target, Thing, Told, View, assets};
use crate::ledger::{AllocationReason, LedgerError, Locks, Operation, now};
use crate::model::{Change, Registration, Serial, Step, apply, next_version, unknown_tcu};

/// Which pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pile {
    /// The one that speaks under this uuid.
    Uuid(Uuid),
    /// This one.
    Device(u64),
}

/// Everything a swap reads, and then changes.
struct Swap {
    asset: AssetVersion,
    /// The TCUs that are, or were to be, on this pile.
    old: Vec<Registration>,
    new: Registration,
    /// The asset and every other that the new TCU's uuid names.
    rows: Vec<AssetVersion>,
}

impl Operations {
    /// Puts the TCU `target.sn` into the pile and releases the one that was there. `target.version` is that of
    /// the TCU taken out.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn swap(&self, caller: &Caller, pile: Pile, target: &Target) -> Result<Done, OperationError> {
        // Whom to lock stands in what is to be locked: looked at once before, and once more under the locks.
        let seen = self.read_swap(pile, &target.sn).await?;
        let mut sns: Vec<&Serial> = seen.old.iter().map(|old| &old.sn).collect();
        sns.push(&target.sn);
        let locks = self.lock(&sns).await?;
        let swapped = self.swap_locked(&locks, caller, pile, target).await;
        locks.release().await;
        let (old, new, asset) = swapped?;
        let mut broker = Told::Done;
        for old in &old {
            broker = broker.max(self.keep_out(old, true).await);
        }
        Ok(Done {
            registration: View::from(&new),
            broker,
            asset: Some(asset),
        })
    }

    /// Gives the TCUs taken out, as they were, and the one put in, as it is.
    async fn swap_locked(
        &self,
        locks: &Locks,
        caller: &Caller,
        pile: Pile,
        target: &Target,
    ) -> Result<(Vec<Registration>, Registration, Told), OperationError> {
        let swap = self.read_swap(pile, &target.sn).await?;
        if swap.old.iter().any(|old| !locks.has(&old.sn)) {
            return Err(OperationError::Conflict(Conflict::Busy));
        }
        for old in &swap.old {
            check_version(target.version, old.version)?;
        }
        let mut afters = self.decide(caller, &swap, &target.reason).await?;
        let (device_id, uuid) = (
            swap.asset.device_id,
            afters[0].uuid.ok_or(LedgerError::Contended)?,
        );
        assets::named(&swap.rows, device_id, uuid, now()).map_err(OperationError::Conflict)?;
        let recorded = self.record_swap(caller, &swap, &afters).await?;
        let saved = self.save(locks, &afters).await;
        self.conclude(recorded, saved).await?;
        let asset = match self.name(device_id, uuid).await {
            Ok(named) if named.busy.is_empty() => Told::Done,
            other => {
                let error = other.err().map(|error| error.to_string());
                tracing::warn!(device_id, error, "the asset was not renamed; the watch will");
                Told::Completed
            }
        };
        Ok((swap.old, afters.swap_remove(0), asset))
    }

    async fn read_swap(&self, pile: Pile, new_sn: &Serial) -> Result<Swap, OperationError> {
        let (devices, names) = match &pile {
            Pile::Uuid(uuid) => (vec![], vec![*uuid]),
            Pile::Device(id) => (vec![*id], vec![]),
        };
        let db = self.ledger().db();
        let mut found = assets::read(db, &devices, &names).await?;
        if found.len() > 1 {
            return Err(OperationError::Conflict(Conflict::TwoAssets));
        }
        let asset = found.pop().ok_or(OperationError::Unknown(Thing::Asset))?;
        let new = match self.registration(new_sn).await {
            Err(OperationError::Unknown(_)) => unknown_tcu(new_sn.clone()),
            other => other?,
        };
        let old = match Uuid::parse(&asset.name) {
            Ok(uuid) => self.ledger().by_uuid(uuid).await?,
            // Staff named it before it had a TCU.
            Err(_) => vec![],
        };
        let ids = [asset.device_id];
        let rows = assets::read(db, &ids, new.uuid.as_slice()).await?;
        Ok(Swap {
            asset,
            old,
            new,
            rows,
        })
    }

    /// The registrations afterwards; the new TCU's is the first.
    async fn decide(
        &self,
        caller: &Caller,
        swap: &Swap,
        reason: &str,
    ) -> Result<Vec<Registration>, OperationError> {
        if swap.old.iter().any(|old| old.sn == swap.new.sn) {
            return Err(OperationError::Conflict(Conflict::SameTcu));
        }
        Step::SwapIn.check(swap.new.state)?;
        let fresh = match swap.new.state.may_connect() {
            true => None,
            false => {
                let sns = [&swap.new.sn];
                let uuids = self.ledger().allocate(&sns, AllocationReason::Swap).await?;
                uuids.into_iter().next()
            }
        };
        let decision = decision(caller, reason);
        let device_id = swap.asset.device_id;
        let mut afters = vec![apply(&swap.new, Change::SwapIn { device_id, fresh }, &decision)?];
        for old in &swap.old {
            afters.push(match apply(old, Change::Release, &decision) {
                Ok(released) => released,
                // Retired or released already: it only loses the pile.
                Err(_) => Registration {
                    version: next_version(old.version, decision.now),
                    device_id: 0,
                    ..old.clone()
                },
            });
        }
        Ok(afters)
    }

    async fn record_swap(
        &self,
        caller: &Caller,
        swap: &Swap,
        afters: &[Registration],
    ) -> Result<Operation, OperationError> {
        let views =
            |registrations: &[Registration]| -> Vec<View> { registrations.iter().map(View::from).collect() };
        let device_id = swap.asset.device_id;
        let before = json!({ "device_id": device_id, "uuid": swap.asset.name, "old": views(&swap.old),
            "new": View::from(&swap.new) });
        let after = json!({ "device_id": device_id, "uuid": afters[0].uuid, "old": views(&afters[1..]),
            "new": View::from(&afters[0]) });
        let what = ("registration", swap.new.sn.to_string());
        self.record(caller, super::recorded::path(Step::SwapIn), what, &before, &after)
            .await
    }
}
