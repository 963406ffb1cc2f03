//! 批准: a TCU that waits gets a uuid and its credentials.

use super::{Caller, Done, OperationError, Operations, Target, Told, View, told};
use crate::broker::NewAccount;
use crate::desk::granted;
use crate::ledger::AllocationReason;
use crate::model::{Change, Credential, Step, generate_password};

impl Operations {
    /// Approves it and sends 注册结果. A TCU that does not hear it asks again, and gets the same uuid.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn approve(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let password = generate_password();
        let credential = Credential::of(&password);
        let changed = self
            .change_one(caller, target, Step::Approve, async |before| {
                let ledger = self.ledger();
                let uuids = ledger
                    .allocate(&[&before.sn], AllocationReason::Registration)
                    .await?;
                let uuid = uuids.into_iter().next();
                let uuid = uuid.ok_or(crate::LedgerError::Contended)?;
                Ok(Change::Approve(uuid, credential))
            })
            .await?;
        let after = &changed.after;
        let account = NewAccount {
            username: after.username.clone(),
            password: password.clone(),
            rules: self.rules(after),
        };
        let granting = self.grant(account);
        let mut broker = told(&after.username, granting).await;
        // Credentials that do not work yet would only make it give up.
        if let (Told::Done, Some(uuid)) = (broker, after.uuid) {
            broker = self.say_result(&after.sn, &granted(uuid, &after.username, &password));
        }
        Ok(Done {
            registration: View::from(after),
            broker,
            asset: None,
        })
    }
}
