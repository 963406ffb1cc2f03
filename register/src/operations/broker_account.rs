//! The broker's accounts of people: who may watch piles, who may command them.

use protocol::Password;
use serde::Serialize;
use serde_json::json;
use store::table::broker_account::{self, BrokerAccount, Stored};

use super::locked::check_version;
use super::recorded::nothing;
use super::{Caller, Conflict, OperationError, Operations, Page, Thing, Told, told};
use crate::access::Role;
use crate::broker::NewAccount;
use crate::ledger::next_version;
use crate::model::{Credential, Serial, generate_password};

/// An account as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// Version, Unix ms.
    pub timestamp: i64,
    /// The account.
    pub username: String,
    /// Its role.
    pub role: String,
    /// Whose it is.
    pub remark: String,
}

impl From<&Stored> for AccountView {
    fn from(stored: &Stored) -> Self {
        Self {
            timestamp: stored.timestamp,
            username: stored.username.clone(),
            role: stored.role.clone(),
            remark: stored.remark.clone(),
        }
    }
}

/// An account with its password, which is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPassword {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// Kept nowhere.
    pub password: Password,
    /// Whether the broker knows it.
    pub broker: Told,
}

impl Operations {
    /// One page of the accounts, the services' among them.
    ///
    /// # Errors
    /// [`OperationError::Ledger`].
    pub async fn accounts(
        &self,
        role: Option<Role>,
        page: Page,
    ) -> Result<(u64, Vec<AccountView>), OperationError> {
        let all = broker_account::changed_since(self.ledger().db(), 0).await?;
        let wanted =
            |stored: &&Stored| stored.flag_del == 0 && role.is_none_or(|role| role.as_str() == stored.role);
        let wanted: Vec<&Stored> = all.iter().filter(wanted).collect();
        let skipped = usize::try_from(page.number.saturating_sub(1).saturating_mul(page.size));
        let items = wanted.iter().skip(skipped.unwrap_or(usize::MAX));
        let items = items.take(usize::try_from(page.size).unwrap_or(usize::MAX));
        Ok((
            wanted.len() as u64,
            items.map(|stored| AccountView::from(*stored)).collect(),
        ))
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn add_account(
        &self,
        caller: &Caller,
        username: &Serial,
        role: Role,
        remark: &str,
    ) -> Result<NewPassword, OperationError> {
        if role.is_service() {
            return Err(OperationError::Conflict(Conflict::ServiceAccount));
        }
        let locks = self.lock(&[username]).await?;
        let added = async {
            let known = broker_account::by_username(self.ledger().db(), username.as_str()).await?;
            if known.as_ref().is_some_and(|known| known.flag_del == 0) {
                return Err(OperationError::Conflict(Conflict::Exists));
            }
            let stored = Stored {
                timestamp: next_version(known.map_or(0, |known| known.timestamp)),
                flag_del: 0,
                username: username.to_string(),
                role: role.as_str().to_owned(),
                credential: String::new(),
                remark: remark.to_owned(),
            };
            self.give_password(caller, "/broker_account/add", None, stored, role)
                .await
        }
        .await;
        locks.release().await;
        added
    }

    /// Gives an account another password; the former one no longer works.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn reset_account(
        &self,
        caller: &Caller,
        username: &Serial,
        version: Option<i64>,
    ) -> Result<NewPassword, OperationError> {
        let locks = self.lock(&[username]).await?;
        let reset = async {
            let (known, role) = self.persons_account(username, version).await?;
            let stored = Stored {
                timestamp: next_version(known.timestamp),
                ..known.clone()
            };
            self.give_password(
                caller,
                "/broker_account/reset_password",
                Some(&known),
                stored,
                role,
            )
            .await
        }
        .await;
        locks.release().await;
        reset
    }

    /// Deletes an account and closes its connections.
    ///
    /// # Errors
    /// [`OperationError`].
    pub async fn delete_account(
        &self,
        caller: &Caller,
        username: &Serial,
        version: Option<i64>,
    ) -> Result<Told, OperationError> {
        let locks = self.lock(&[username]).await?;
        let deleted = async {
            let (known, _) = self.persons_account(username, version).await?;
            let gone = Stored {
                timestamp: next_version(known.timestamp),
                flag_del: 1,
                credential: String::new(),
                ..known.clone()
            };
            let before = json!(AccountView::from(&known));
            self.write_account(caller, "/broker_account/delete", &gone, before)
                .await
        }
        .await;
        locks.release().await;
        deleted?;
        let username = username.as_str();
        Ok(told(username, self.broker().remove(username)).await)
    }

    /// An account that is there and is no service's.
    async fn persons_account(
        &self,
        username: &Serial,
        version: Option<i64>,
    ) -> Result<(Stored, Role), OperationError> {
        let known = broker_account::by_username(self.ledger().db(), username.as_str()).await?;
        let known = known.filter(|known| known.flag_del == 0);
        let known = known.ok_or(OperationError::Unknown(Thing::Account))?;
        check_version(version, known.timestamp)?;
        match known.role.parse::<Role>() {
            Ok(role) if !role.is_service() => Ok((known, role)),
            _ => Err(OperationError::Conflict(Conflict::ServiceAccount)),
        }
    }

    async fn give_password(
        &self,
        caller: &Caller,
        operation: &'static str,
        known: Option<&Stored>,
        mut stored: Stored,
        role: Role,
    ) -> Result<NewPassword, OperationError> {
        let password = generate_password();
        stored.credential = Credential::of(&password).to_string();
        let before = known.map_or_else(nothing, |known| json!(AccountView::from(known)));
        self.write_account(caller, operation, &stored, before).await?;
        let account = NewAccount {
            username: stored.username.clone(),
            password: password.clone(),
            rules: role.rules(self.topics()),
        };
        let granting = self.grant(account);
        Ok(NewPassword {
            broker: told(&stored.username, granting).await,
            account: AccountView::from(&stored),
            password,
        })
    }

    async fn write_account(
        &self,
        caller: &Caller,
        operation: &'static str,
        stored: &Stored,
        before: serde_json::Value,
    ) -> Result<(), OperationError> {
        let after = match stored.flag_del {
            0 => json!(AccountView::from(stored)),
            _ => nothing(),
        };
        let what = ("broker_account", stored.username.clone());
        let recorded = self.record(caller, operation, what, &before, &after).await?;
        let row = BrokerAccount {
            timestamp: stored.timestamp,
            flag_del: stored.flag_del,
            username: &stored.username,
            role: &stored.role,
            credential: &stored.credential,
            remark: &stored.remark,
        };
        let written = self.ledger().insert(std::iter::once(row)).await;
        self.conclude(recorded, written.map_err(OperationError::from))
            .await
    }
}
