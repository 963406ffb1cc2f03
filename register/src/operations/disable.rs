//! 停用: a TCU is kept from the broker until it is enabled again.

use super::{Caller, Done, OperationError, Operations, Target};
use crate::model::Change;

impl Operations {
    /// Disables it and closes its connection.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn disable(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        self.change_and_close(caller, target, Change::Disable, false)
            .await
    }
}
