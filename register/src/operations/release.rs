//! 释放: the serial number may register anew, and then gets another uuid.

use super::{Caller, Done, OperationError, Operations, Target, View};
use crate::model::{Change, Step};

impl Operations {
    /// Releases it and closes its connection.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn release(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let change = async |_: &_| Ok(Change::Release);
        let changed = self.change_one(caller, target, Step::Release, change).await?;
        Ok(Done {
            broker: self.keep_out(&changed.before.username, true).await,
            registration: View::from(&changed.after),
            asset: None,
        })
    }
}
