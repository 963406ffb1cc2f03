//! 白名单: which models and contracts register without approval.

use serde_json::json;
use store::table::registration_allow_list::{self, Entry, RegistrationAllowList};

use super::locked::check_version;
use super::recorded::nothing;
use super::{Caller, Conflict, OperationError, Operations, Thing};
use crate::ledger::next_version;
use crate::model::Serial;

impl Operations {
    /// Adds an entry, or changes its remark. An empty model or contract stands for any.
    ///
    /// # Errors
    /// [`OperationError`]; [`Conflict::Exists`] when it is there exactly so.
    pub async fn allow(
        &self,
        caller: &Caller,
        model: &str,
        contract_num: &str,
        remark: &str,
    ) -> Result<Entry, OperationError> {
        let locks = self.lock(&[&lock_name()?]).await?;
        let added = async {
            let known = self.entry(model, contract_num).await?;
            if known.as_ref().is_some_and(|known| known.remark == remark) {
                return Err(OperationError::Conflict(Conflict::Exists));
            }
            // Also above a deleted one.
            let old = registration_allow_list::version(self.ledger().db(), model, contract_num).await?;
            let entry = Entry {
                timestamp: next_version(old),
                model: model.to_owned(),
                contract_num: contract_num.to_owned(),
                remark: remark.to_owned(),
            };
            let before = known.map_or_else(nothing, |known| json!(known));
            self.write_entry(
                caller,
                "/registration/allow_list/add",
                0,
                &entry,
                (before, json!(entry)),
            )
            .await?;
            Ok(entry)
        }
        .await;
        locks.release().await;
        added
    }

    /// Deletes an entry.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn disallow(
        &self,
        caller: &Caller,
        model: &str,
        contract_num: &str,
        version: Option<i64>,
    ) -> Result<(), OperationError> {
        let locks = self.lock(&[&lock_name()?]).await?;
        let deleted = async {
            let known = self.entry(model, contract_num).await?;
            let mut entry = known.ok_or(OperationError::Unknown(Thing::Entry))?;
            check_version(version, entry.timestamp)?;
            let before = json!(entry);
            entry.timestamp = next_version(entry.timestamp);
            self.write_entry(
                caller,
                "/registration/allow_list/delete",
                1,
                &entry,
                (before, nothing()),
            )
            .await
        }
        .await;
        locks.release().await;
        deleted
    }

    async fn entry(&self, model: &str, contract_num: &str) -> Result<Option<Entry>, OperationError> {
        let is_it = |entry: &Entry| entry.model == model && entry.contract_num == contract_num;
        Ok(self.ledger().allow_list().await?.into_iter().find(is_it))
    }

    async fn write_entry(
        &self,
        caller: &Caller,
        operation: &'static str,
        flag_del: u8,
        entry: &Entry,
        (before, after): (serde_json::Value, serde_json::Value),
    ) -> Result<(), OperationError> {
        let key = format!("{}:{}", entry.model, entry.contract_num);
        let what = ("registration_allow_list", key);
        let recorded = self.record(caller, operation, what, &before, &after).await?;
        let row = RegistrationAllowList {
            timestamp: entry.timestamp,
            flag_del,
            model: &entry.model,
            contract_num: &entry.contract_num,
            remark: &entry.remark,
        };
        let written = self.ledger().insert(std::iter::once(row)).await;
        self.conclude(recorded, written.map_err(OperationError::from))
            .await
    }
}

/// Changes of the list follow one another; a TCU of this name would only have to wait.
fn lock_name() -> Result<Serial, OperationError> {
    Serial::parse("registration_allow_list").map_err(|_| OperationError::Conflict(Conflict::Busy))
}
