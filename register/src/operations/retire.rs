//! 退役: a TCU is kept from the broker for good, and its uuid is never used again.

use super::{Caller, Done, OperationError, Operations, Target};
use crate::model::Change;

impl Operations {
    /// Retires it and closes its connection.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn retire(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        self.change_and_close(caller, target, Change::Retire, true).await
    }
}
