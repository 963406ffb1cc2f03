//! 退役: a TCU is kept from the broker for good, and its uuid is never used again.

use super::{Caller, Done, OperationError, Operations, Target, View};
use crate::model::{Change, Step};

impl Operations {
    /// Retires it and closes its connection.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn retire(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let change = async |_: &_| Ok(Change::Retire);
        let changed = self.change_one(caller, target, Step::Retire, change).await?;
        Ok(Done {
            broker: self.keep_out(&changed.before.username, true).await,
            registration: View::from(&changed.after),
            asset: None,
        })
    }
}
