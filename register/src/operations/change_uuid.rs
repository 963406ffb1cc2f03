//! 修改uuid: a TCU gets another uuid. Until it logs in under it, the former one is let in too.

use store::table::asset::Stored;

use super::locked::decision;
use super::{Caller, Done, OperationError, Operations, Target, Told, View, assets, told};
use crate::ledger::{AllocationReason, LedgerError, Locks, now};
use crate::model::{Change, Registration, Step, apply};

impl Operations {
    /// Gives it a fresh uuid, its asset the new name, and sends 更新ID. While an earlier change is not carried
    /// out, that one is sent again instead, so that a repetition does no harm.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn change_uuid(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let locks = self.lock(&[&target.sn]).await?;
        let changed = self.change_uuid_locked(&locks, caller, target).await;
        locks.release().await;
        let (after, asset) = changed?;
        Ok(Done {
            broker: self.tell_change(&after).await,
            registration: View::from(&after),
            asset,
        })
    }

    async fn change_uuid_locked(
        &self,
        locks: &Locks,
        caller: &Caller,
        target: &Target,
    ) -> Result<(Registration, Option<Told>), OperationError> {
        let before = self.admitted(target, Step::ChangeUuid).await?;
        let devices = [before.device_id];
        let names: Vec<_> = before.uuid.into_iter().chain(before.former_uuid).collect();
        let rows = assets::read(self.ledger().db(), &devices, &names).await?;
        if before.former_uuid.is_some() {
            let asset = self.rename(&before, &rows).await;
            return Ok((before, asset));
        }
        let sns = [&before.sn];
        let uuids = self.ledger().allocate(&sns, AllocationReason::Change).await?;
        let uuid = uuids.into_iter().next().ok_or(LedgerError::Contended)?;
        let decision = decision(caller, &target.reason);
        let mut after = apply(&before, Change::ChangeUuid(uuid), &decision)?;
        if after.device_id == 0 {
            // Its pile spoke, and nobody has looked at its login yet.
            after.device_id = rows.first().map_or(0, |row| row.device_id);
        }
        let recorded = self
            .record_change(caller, Step::ChangeUuid, &before, &after)
            .await?;
        let saved = self.save(locks, std::slice::from_ref(&after)).await;
        self.conclude(recorded, saved).await?;
        let asset = self.rename(&after, &rows).await;
        Ok((after, asset))
    }

    /// Broker and TCU follow the registration.
    async fn tell_change(&self, after: &Registration) -> Told {
        let mut broker = Told::Done;
        if after.credential.is_some() {
            let rules = self.rules(after);
            let set = self.broker().set_rules(&after.username, &rules).await;
            broker = told(&after.username, set);
        }
        if let (Some(present), Some(uuid)) = (after.former_uuid, after.uuid) {
            broker = broker.max(self.say_change(&after.sn, present, uuid));
        }
        broker
    }

    /// Gives the registration's asset its name. What fails here is completed by the watch.
    async fn rename(&self, after: &Registration, rows: &[Stored]) -> Option<Told> {
        let uuid = after.uuid.filter(|_| after.device_id != 0)?;
        rows.iter().find(|row| row.device_id == after.device_id)?;
        let changed = assets::named(rows, after.device_id, uuid, now()).ok()?;
        Some(match assets::write(self.ledger(), &changed).await {
            Ok(()) => Told::Done,
            Err(error) => {
                tracing::warn!(sn = %after.sn, %error, "the asset was not renamed; the watch will");
                Told::Completed
            }
        })
    }
}
