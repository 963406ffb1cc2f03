//! `operation_record`: written before anything is changed, and once more with the outcome.

use serde::Serialize;
use serde_json::json;

use super::{Caller, OperationError, Operations, View};
use crate::ledger::{Operation, now};
use crate::model::{Registration, Step};

/// What stands in a record until its outcome is known.
const ACCEPTED: &str = "已受理";

impl Operations {
    /// Records an operation that is about to be done.
    ///
    /// # Errors
    /// [`OperationError::Record`]: then it must not be done.
    pub(crate) async fn record(
        &self,
        caller: &Caller,
        operation: &'static str,
        (resource, resource_id): (&'static str, String),
        before: &impl Serialize,
        after: &impl Serialize,
    ) -> Result<Operation, OperationError> {
        let text = |value: serde_json::Result<String>| value.unwrap_or_default();
        let record = Operation {
            at: now(),
            id: rand::random(),
            user_id: caller.user_id,
            account: caller.account.clone(),
            address: caller.address.clone(),
            operation,
            resource,
            resource_id,
            before: text(serde_json::to_string(before)),
            after: text(serde_json::to_string(after)),
            result: ACCEPTED.to_owned(),
        };
        let recorded = self.ledger().record(&record).await;
        recorded.map_err(OperationError::Record)?;
        Ok(record)
    }

    /// Records a change of one registration.
    pub(crate) async fn record_change(
        &self,
        caller: &Caller,
        step: Step,
        before: &Registration,
        after: &Registration,
    ) -> Result<Operation, OperationError> {
        let what = ("registration", before.sn.to_string());
        let (before, after) = (View::from(before), View::from(after));
        self.record(caller, path(step), what, &before, &after).await
    }

    /// Adds the outcome to the record, and gives it on. A record that stays 已受理 is an operation whose outcome
    /// could not be written: the truth stands in the table that it names.
    pub(crate) async fn conclude<T>(
        &self,
        mut recorded: Operation,
        outcome: Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        let (label, result) = match &outcome {
            Ok(_) => ("done", "成功".to_owned()),
            Err(error) => ("failed", format!("失败：{error}")),
        };
        metrics::counter!("register_operations_total", "operation" => recorded.operation, "outcome" => label)
            .increment(1);
        // Whether a failed save has arrived is not known: it stays open.
        if !matches!(outcome, Err(OperationError::Ledger(_))) {
            recorded.result = result;
            if let Err(error) = self.ledger().record(&recorded).await {
                tracing::warn!(operation = recorded.operation, %error, "the outcome was not recorded");
            }
        }
        outcome
    }
}

/// Where the operation is found in the interface.
pub(crate) const fn path(step: Step) -> &'static str {
    match step {
        Step::Approve => "/registration/approve",
        Step::Refuse => "/registration/refuse",
        Step::ChangeUuid => "/registration/change_uuid",
        Step::Disable => "/registration/disable",
        Step::Enable => "/registration/enable",
        Step::Retire => "/registration/retire",
        Step::Release => "/registration/release",
        Step::SwapIn => "/registration/swap",
    }
}

/// Nothing was there before, or nothing is there now.
pub(crate) fn nothing() -> serde_json::Value {
    json!({})
}
