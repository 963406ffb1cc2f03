//! What a person, or the platform in a person's place, does to a registration: the record of it.

use store::table::operation_record::OperationRecord;

/// One operation, for `operation_record`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// When, Unix ms.
    pub at: i64,
    /// A number of its own.
    pub id: u64,
    /// Who; 0 = known by account only, or the platform itself.
    pub user_id: u64,
    /// Who: the account that the caller named.
    pub account: String,
    /// From where: IP address; empty if it is not known.
    pub address: String,
    /// What: the path of the interface.
    pub operation: &'static str,
    /// Kind of thing: the table.
    pub resource: &'static str,
    /// Which one: its key.
    pub resource_id: String,
    /// Before, JSON, without secrets.
    pub before: String,
    /// After, JSON, without secrets.
    pub after: String,
    /// Outcome.
    pub result: String,
}

impl<'a> From<&'a Operation> for OperationRecord<'a> {
    fn from(operation: &'a Operation) -> Self {
        Self {
            timestamp: operation.at,
            operation_id: operation.id,
            user_id: operation.user_id,
            account: &operation.account,
            address: &operation.address,
            operation: operation.operation,
            resource: operation.resource,
            resource_id: &operation.resource_id,
            before: &operation.before,
            after: &operation.after,
            result: &operation.result,
        }
    }
}
