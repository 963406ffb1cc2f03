//! Reading and writing rows. What is saved is durable when the call returns.

use std::collections::HashMap;
use std::time::Duration;

use common::backoff::Backoff;
use protocol::Uuid;
use store::table::registration_allow_list::{self, Entry};
use store::table::{operation_record::OperationRecord, registration};
use store::{Record, StoreError, Table};

use super::{Ledger, LedgerError, Operation};
use crate::model::{Registration, Serial, State};

/// How often an insert is sent before it counts as failed; under one token, so it happens once.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Ledger {
    /// The registrations of these serial numbers; one that never asked is not in it.
    ///
    /// # Errors
    /// [`LedgerError::ClickHouse`]; [`LedgerError::Unreadable`] for a row that nobody can have written.
    pub async fn by_sn(&self, sns: &[&Serial]) -> Result<HashMap<Serial, Registration>, LedgerError> {
        if sns.is_empty() {
            return Ok(HashMap::new());
        }
        let texts: Vec<&str> = sns.iter().map(|sn| sn.as_str()).collect();
        let rows = registration::by_sn(&self.db, &texts).await?;
        rows.into_iter()
            .map(|row| {
                let registration = Registration::from_stored(row)?;
                Ok((registration.sn.clone(), registration))
            })
            .collect()
    }

    /// The registrations that hold this uuid, now or until a change is carried out.
    ///
    /// # Errors
    /// As [`Self::by_sn`].
    pub async fn by_uuid(&self, uuid: Uuid) -> Result<Vec<Registration>, LedgerError> {
        let rows = registration::by_uuid(&self.db, &[&uuid.to_string()]).await?;
        let read = rows.into_iter().map(Registration::from_stored);
        Ok(read.collect::<Result<_, _>>()?)
    }

    /// How many registrations are in this state.
    ///
    /// # Errors
    /// [`LedgerError::ClickHouse`].
    pub async fn count_in_state(&self, state: State) -> Result<u64, LedgerError> {
        Ok(registration::count_in_state(&self.db, state.as_str()).await?)
    }

    /// Saves versions of registrations, all of them or none.
    ///
    /// # Errors
    /// [`LedgerError::ClickHouse`]; whether they are saved is then not known: read them again.
    pub async fn save(&self, registrations: &[Registration]) -> Result<(), LedgerError> {
        let mut rows = Vec::new();
        for registration in registrations {
            registration.with_row(|row| row.encode(&mut rows));
        }
        self.insert_encoded(Table::Registration, rows).await
    }

    /// The models and contracts that register without approval.
    ///
    /// # Errors
    /// [`LedgerError::ClickHouse`].
    pub async fn allow_list(&self) -> Result<Vec<Entry>, LedgerError> {
        Ok(registration_allow_list::load_all(&self.db).await?)
    }

    /// Records what a person does, before it is done.
    ///
    /// # Errors
    /// [`LedgerError::ClickHouse`]; then the operation must not be done.
    pub async fn record(&self, operation: &Operation) -> Result<(), LedgerError> {
        self.insert(std::iter::once(OperationRecord::from(operation)))
            .await
    }

    /// Inserts rows of any table as one block, once.
    ///
    /// # Errors
    /// [`LedgerError::ClickHouse`].
    pub async fn insert<R: Record>(&self, rows: impl Iterator<Item = R>) -> Result<(), LedgerError> {
        let mut encoded = Vec::new();
        rows.for_each(|row| row.encode(&mut encoded));
        self.insert_encoded(R::TABLE, encoded).await
    }

    async fn insert_encoded(&self, table: Table, rows: Vec<u8>) -> Result<(), LedgerError> {
        let rows = bytes::Bytes::from(rows);
        // Random: the same contents later are another call's, not this one again.
        let token = format!("register-{:032x}", rand::random::<u128>());
        let mut backoff = Backoff::new(PAUSE, LONGEST_PAUSE);
        let mut tries = 1;
        loop {
            match self.db.insert_rows(table, rows.clone(), &token).await {
                Err(error) if tries < TRIES && may_pass(&error) => backoff.wait().await,
                other => return Ok(other?),
            }
            tries += 1;
        }
    }
}

fn may_pass(error: &StoreError) -> bool {
    error.failure() == store::Failure::Temporary
}
