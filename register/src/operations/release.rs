//! 释放: the serial number may register anew, and then gets another uuid.

use super::{Caller, Done, OperationError, Operations, Target};
use crate::model::Change;

impl Operations {
    /// Releases it and closes its connection.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn release(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        self.change_and_close(caller, target, Change::Release, true).await
    }
}
