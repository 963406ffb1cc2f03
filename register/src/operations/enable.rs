//! 启用: a disabled TCU may connect again, with the password it has.

use super::{Caller, Done, OperationError, Operations, Target, Told, View, told};
use crate::model::{Change, Step};

impl Operations {
    /// Enables it.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn enable(&self, caller: &Caller, target: &Target) -> Result<Done, OperationError> {
        let change = async |_: &_| Ok(Change::Enable);
        let changed = self.change_one(caller, target, Step::Enable, change).await?;
        let after = &changed.after;
        let broker = match after.credential {
            Some(_) => told(&after.username, self.broker().let_in(&after.username)).await,
            // It has no account yet.
            None => Told::Done,
        };
        Ok(Done {
            broker,
            registration: View::from(after),
            asset: None,
        })
    }
}
