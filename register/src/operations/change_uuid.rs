//! 修改uuid: a TCU gets another uuid. Until it logs in under it, the former one is let in too, and stays the name of
//! its asset: `ops_tcu` knows the pile by that name, and has to carry 更新ID to it.

use super::locked::decision;
use super::{Caller, Done, OperationError, Operations, Target, Told, View, assets, told};
use crate::ledger::{AllocationReason, LedgerError, Locks};
use crate::model::{Change, Registration, Step, apply};

impl Operations {
    /// Gives it a fresh uuid and sends 更新ID; the watch renames its asset once it logs in. While an earlier change is
    /// not carried out, that one is sent again instead, so that a repetition does no harm.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn change_uuid(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let locks = self.lock(&[&target.sn]).await?;
        let changed = self.change_uuid_locked(&locks, caller, target).await;
        locks.release().await;
        let after = changed?;
        Ok(Done {
            broker: self.tell_change(&after).await,
            asset: (after.device_id != 0).then_some(Told::AtLogin),
            registration: View::from(&after),
        })
    }

    async fn change_uuid_locked(
        &self,
        locks: &Locks,
        caller: &Caller,
        target: &Target,
    ) -> Result<Registration, OperationError> {
        let mut before = self.admitted(target, Step::ChangeUuid).await?;
        if before.former_uuid.is_some() {
            return Ok(before);
        }
        if before.device_id == 0 {
            // Its pile spoke, and nobody has looked at its login yet.
            let rows = assets::read(self.ledger().db(), &[], before.uuid.as_slice()).await?;
            before.device_id = rows.first().map_or(0, |row| row.device_id);
        }
        let sns = [&before.sn];
        let uuids = self.ledger().allocate(&sns, AllocationReason::Change).await?;
        let uuid = uuids.into_iter().next().ok_or(LedgerError::Contended)?;
        let decision = decision(caller, &target.reason);
        let after = apply(&before, Change::ChangeUuid(uuid), &decision)?;
        let recorded = self
            .record_change(caller, Step::ChangeUuid, &before, &after)
            .await?;
        let saved = self.save(locks, std::slice::from_ref(&after)).await;
        self.conclude(recorded, saved).await?;
        Ok(after)
    }

    /// Broker and TCU follow the registration.
    async fn tell_change(&self, after: &Registration) -> Told {
        let mut broker = Told::Done;
        if after.credential.is_some() {
            let rules = self.rules(after);
            broker = told(&after.username, self.broker().set_rules(&after.username, &rules)).await;
        }
        if let (Some(present), Some(uuid)) = (after.former_uuid, after.uuid) {
            broker = broker.max(self.say_change(&after.sn, present, uuid));
        }
        broker
    }
}
