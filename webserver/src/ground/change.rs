//! The one way in which anything is changed: lock → read → decide → record the operation → write the new
//! versions → release. Resources do the reading and deciding; the rest is here.
//!
//! ```text
//! let mut change = ground.change(&caller, [lock("device_model", id)]).await?;
//! let old: DeviceModel = one(&ground.db, …).await?;      // under the lock
//! require_version(&old, edit.timestamp)?;                 // 409
//! change.put(Some(&old), DeviceModel { model, ..old.clone() });
//! change.commit().await?;
//! ```

use std::{collections::BTreeMap, pin::Pin};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use store::{Record as _, StoreError, Table, Versioned, table::operation_record::OperationRecord, versioned};

use super::{Ground, caller::Caller, error::ApiError, lock::Locks};

/// What a change does beyond the database, and whether it can be sure when it fails that nothing was done.
pub(crate) type Deed = Pin<Box<dyn Future<Output = Result<(), Undone>> + Send>>;

/// A deed that was not done.
#[derive(Debug)]
pub(crate) enum Undone {
    /// Nothing has happened.
    Surely(ApiError),
    /// Nobody knows.
    Perhaps(ApiError),
}

/// Never written into a record.
const SECRETS: [&str; 1] = ["password_hash"];
/// An insert whose outcome is unknown is repeated: the same version again changes nothing.
const ATTEMPTS: u32 = 3;

/// What becomes of an operation, in `operation_record.result`. It is written before anything is changed, and once
/// more when the outcome is known.
const ACCEPTED: &str = "受理";
const DONE: &str = "成功";
const FAILED: &str = "失败";

/// The name of a lock: a table (or part of one) and a key, or whatever else must be unique.
pub(crate) fn lock(what: &str, key: impl std::fmt::Display) -> String {
    format!("{what}:{key}")
}

/// # Errors
/// 409 if the caller has not read the present version.
pub(crate) fn require_version<T: Versioned>(present: &T, read: i64) -> Result<(), ApiError> {
    if present.version() == read {
        return Ok(());
    }
    Err(ApiError::conflict(
        "数据已被他人修改，请刷新后重试",
        "It has been changed meanwhile, read it again",
    ))
}

#[derive(Debug)]
struct Record {
    resource: &'static str,
    resource_id: String,
    before: String,
    after: String,
}

/// A change that is being made. Nothing happens before [`Change::commit`]; dropped, it never was.
pub(crate) struct Change {
    ground: Ground,
    caller: Caller,
    locks: Locks,
    now: i64,
    rows: BTreeMap<Table, Vec<u8>>,
    records: Vec<Record>,
}

impl Ground {
    /// Begins a change under these locks ([`lock`]).
    ///
    /// # Errors
    /// 409 if somebody else holds one for too long, 503 without Redis.
    pub(crate) async fn change(
        &self,
        caller: &Caller,
        locks: impl IntoIterator<Item = String>,
    ) -> Result<Change, ApiError> {
        let locks: Vec<_> = locks.into_iter().collect();
        Ok(Change {
            locks: Locks::take(self, &locks).await?,
            ground: self.clone(),
            caller: caller.clone(),
            now: versioned::now(),
            rows: BTreeMap::new(),
            records: Vec::new(),
        })
    }
}

impl Change {
    /// Writes `after` in place of `before` (the newest version of this key, deleted or not; none if there is
    /// no row) and records it. Gives what is stored: `after` with its new version. What changes nothing is not
    /// written.
    pub(crate) fn put<T: Versioned>(&mut self, before: Option<&T>, after: T) -> T {
        let stored = self.version(before, after);
        if before.is_some_and(|before| before.version() == stored.version()) {
            return stored;
        }
        let was = before.filter(|before| !before.is_deleted());
        let is = Some(&stored).filter(|stored| !stored.is_deleted());
        self.add_operation_record(T::TABLE.name(), &stored.key(), was, is);
        self.write(&stored);
        stored
    }

    /// Marks a thing as gone, and records it.
    pub(crate) fn delete<T: Versioned>(&mut self, before: &T) -> T {
        let mut after = before.clone();
        after.set_deleted(true);
        self.put(Some(before), after)
    }

    /// Writes like [`Self::put`], but records nothing: for rows whose change [`Self::add_operation_record`] tells as a whole.
    pub(crate) fn put_silently<T: Versioned>(&mut self, before: Option<&T>, after: T) -> T {
        let stored = self.version(before, after);
        if before.is_none_or(|before| before.version() != stored.version()) {
            self.write(&stored);
        }
        stored
    }

    /// `after` as the version that follows `before`; `before`'s own if they do not differ.
    fn version<T: Versioned>(&self, before: Option<&T>, mut after: T) -> T {
        let old = before.map_or(0, Versioned::version);
        after.set_version(old);
        let differs = before.is_none_or(|before| encoded(before) != encoded(&after));
        if differs {
            after.set_version(versioned::next_version(self.now, old));
        }
        after
    }

    fn write<T: Versioned>(&mut self, row: &T) {
        row.encode(self.rows.entry(T::TABLE).or_default());
    }

    /// Records what was done to one thing. Without secrets.
    pub(crate) fn add_operation_record<T: Serialize>(
        &mut self,
        resource: &'static str,
        resource_id: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) {
        self.records.push(Record {
            resource,
            resource_id: resource_id.to_owned(),
            before: json(before),
            after: json(after),
        });
    }

    /// Makes the change. It is made also if the caller goes away meanwhile.
    ///
    /// # Errors
    /// [`ApiError::NotRecorded`] (nothing has changed), [`ApiError::NotWritten`], 409 if the locks were lost,
    /// 503 without Redis.
    pub(crate) async fn commit(self) -> Result<(), ApiError> {
        self.commit_and(Box::pin(std::future::ready(Ok(())))).await
    }

    /// The same with a deed beyond the database, which comes last, when operation and rows are written.
    ///
    /// # Errors
    /// As above, and the deed's.
    pub(crate) async fn commit_and(self, deed: Deed) -> Result<(), ApiError> {
        tokio::spawn(self.carry_out(deed)).await.map_err(|error| {
            tracing::error!(%error, "a change panicked");
            ApiError::Internal
        })?
    }

    async fn carry_out(self, deed: Deed) -> Result<(), ApiError> {
        let Self {
            ground,
            caller,
            locks,
            now,
            rows,
            records,
        } = self;
        if rows.is_empty() && records.is_empty() {
            locks.release().await;
            return Ok(());
        }
        let audit = Audit {
            ids: ground.new_ids(records.len()).await?.collect(),
            caller,
            now,
            records,
        };
        let (written, outcome) = write(&ground, &locks, &audit, rows, deed).await;
        // Others need not wait for the record's last word.
        locks.release().await;
        if let Some(outcome) = outcome {
            audit.close(&ground, outcome).await;
        }
        written
    }
}

/// What became of the change, and what its record shall say; none if that says it already, or nobody knows.
async fn write(
    ground: &Ground,
    locks: &Locks,
    audit: &Audit,
    rows: BTreeMap<Table, Vec<u8>>,
    deed: Deed,
) -> (Result<(), ApiError>, Option<&'static str>) {
    if let Err(error) = audit.write(ground, ACCEPTED).await {
        tracing::error!(error = chain(&error), "an operation could not be recorded");
        return (Err(ApiError::NotRecorded), None);
    }
    match locks.still_held().await {
        Ok(true) => {}
        Ok(false) => {
            let lost = ApiError::conflict("锁已失效，请重试", "The lock was lost, try again");
            return (Err(lost), Some(FAILED));
        }
        Err(error) => return (Err(error), Some(FAILED)),
    }
    let tables: Vec<_> = rows.keys().copied().collect();
    let mut outcome = (Ok(()), Some(DONE));
    for (table, bytes) in rows {
        let inserted = insert(ground, table, bytes.into()).await;
        // Also without an answer: it may have been carried out.
        ground.places.changed(table);
        if let Err(error) = inserted {
            tracing::error!(error = chain(&error), "a change could not be written");
            // An insert without an answer may have been carried out.
            let known = error.failure() != store::Failure::Temporary;
            outcome = (Err(ApiError::NotWritten), known.then_some(FAILED));
            break;
        }
    }
    let told = ground.directory_changed(tables).await;
    if outcome.0.is_ok() {
        outcome = match deed.await {
            Ok(()) => outcome,
            Err(Undone::Surely(error)) => (Err(error), Some(FAILED)),
            Err(Undone::Perhaps(error)) => (Err(error), None),
        };
    }
    (outcome.0.and(told), outcome.1)
}

/// One insert per table: a block that ClickHouse takes whole or not at all.
async fn insert(ground: &Ground, table: Table, rows: Bytes) -> Result<(), StoreError> {
    let token = format!("{:032x}", rand::random::<u128>());
    let mut attempt = 1;
    loop {
        match ground.db.insert_rows(table, rows.clone(), &token).await {
            Err(error) if error.is_retryable() && attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

/// The records of one change.
struct Audit {
    ids: Vec<u64>,
    caller: Caller,
    now: i64,
    records: Vec<Record>,
}

impl Audit {
    async fn write(&self, ground: &Ground, result: &str) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        for (id, record) in self.ids.iter().zip(&self.records) {
            let row = OperationRecord {
                timestamp: self.now,
                operation_id: *id,
                user_id: self.caller.user.user_id,
                account: &self.caller.user.account,
                address: &self.caller.address,
                operation: &self.caller.operation,
                resource: record.resource,
                resource_id: &record.resource_id,
                before: &record.before,
                after: &record.after,
                result,
            };
            row.encode(&mut bytes);
        }
        insert(ground, Table::OperationRecord, bytes.into()).await
    }

    /// The same records with the outcome; they replace the first ones. The change stands without that.
    async fn close(&self, ground: &Ground, result: &str) {
        if let Err(error) = self.write(ground, result).await {
            tracing::warn!(
                error = chain(&error),
                "the outcome of an operation could not be recorded"
            );
        }
    }
}

fn chain(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn encoded<T: Versioned>(row: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    row.encode(&mut bytes);
    bytes
}

fn json<T: Serialize>(value: Option<&T>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let mut value = serde_json::to_value(value).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        for secret in SECRETS {
            if fields.contains_key(secret) {
                fields.insert(secret.to_owned(), "***".into());
            }
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use store::{redis_keys::RedisKeys, table::user::User};

    use super::*;

    /// `register` takes them, too.
    #[test]
    fn an_asset_is_locked_as_everywhere() {
        let keys = RedisKeys::default();
        assert_eq!(keys.web_lock(&lock("asset", 7)), keys.asset_lock(7));
        let name = lock("asset.name", "AAAAAAAB");
        assert_eq!(keys.web_lock(&name), keys.asset_name_lock("AAAAAAAB"));
    }

    #[test]
    fn a_record_holds_no_password() {
        let user = User {
            account: "zhang".into(),
            password_hash: "$argon2id$x".into(),
            ..User::default()
        };
        let text = json(Some(&user));
        assert!(text.contains("zhang") && !text.contains("argon2id"), "{text}");
        assert_eq!(json::<User>(None), "");
    }
}
