//! 停用: a TCU is kept from the broker until it is enabled again.

use super::{Caller, Done, OperationError, Operations, Target, View};
use crate::model::{Change, Step};

impl Operations {
    /// Disables it and closes its connection.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn disable(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let change = async |_: &_| Ok(Change::Disable);
        let changed = self.change_one(caller, target, Step::Disable, change).await?;
        Ok(Done {
            broker: self.keep_out(&changed.before.username, false).await,
            registration: View::from(&changed.after),
            asset: None,
        })
    }
}
