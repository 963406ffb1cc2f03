//! 拒绝: a TCU that waits is turned down.

use super::{Caller, Done, OperationError, Operations, Target, View};
use crate::desk::refused;
use crate::model::{Change, Refusal, Step};

impl Operations {
    /// Refuses it, and tells it why.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn refuse(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let change = async |_: &_| Ok(Change::Refuse);
        let changed = self.change_one(caller, target, Step::Refuse, change).await?;
        let told = refused(Refusal::Refused(target.reason.clone()).to_string());
        Ok(Done {
            broker: self.say_result(&target.sn, &told),
            registration: View::from(&changed.after),
            asset: None,
        })
    }
}
