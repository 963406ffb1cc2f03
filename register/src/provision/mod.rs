//! `register provision`: what one machine needs before its broker starts. Accounts of services and of the engineer,
//! models that may register, and the file of Mosquitto's dynamic-security plugin, written anew from ClickHouse:
//! the plugin takes a password's hash from its file only, so this is also how a lost file heals.

mod file;
mod passwords;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use protocol::Password;
use store::table::broker_account::{self, BrokerAccount};
use store::table::registration_allow_list::{self, RegistrationAllowList};
use store::{Clickhouse, Record, StoreError};

use crate::access::{Role, dynsec};
use crate::broker::truth;
use crate::config::Config;
use crate::ledger::now;
use crate::model::Credential;

pub use file::FileError;

/// How long ClickHouse may take for a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// The roles that get an account named like them.
const ACCOUNTS: [Role; 5] = [
    Role::OpsTcu,
    Role::Register,
    Role::Connector,
    Role::Webserver,
    Role::Engineer,
];

/// What to provide.
#[derive(Debug, Clone, clap::Args)]
pub struct ProvisionArgs {
    /// Accounts of the services and of the engineer with their passwords (JSON, for their eyes only); made if
    /// absent, and the accounts brought to what it says
    #[arg(long, value_name = "FILE")]
    pub accounts: PathBuf,
    /// The file of Mosquitto's dynamic-security plugin, to write anew; the broker must not run
    #[arg(long, value_name = "FILE")]
    pub dynsec_file: PathBuf,
    /// Model and contract that register without approval; empty = any. May be repeated
    #[arg(long, value_name = "MODEL:CONTRACT")]
    pub allow: Vec<Allowed>,
}

/// A model and a contract number that register without approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    model: String,
    contract: String,
}

impl std::str::FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (model, contract) = text
            .split_once(':')
            .ok_or_else(|| "write MODEL:CONTRACT, either of them may be empty".to_owned())?;
        Ok(Self {
            model: model.to_owned(),
            contract: contract.to_owned(),
        })
    }
}

/// Why nothing was provided, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// ClickHouse is away or refuses.
    #[error("ClickHouse: {what}")]
    Store {
        /// What was attempted.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: StoreError,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Provides everything; may be called again and again. Says how many accounts the file has.
///
/// # Errors
/// [`ProvisionError`]; what was done is not undone, and a further call completes it.
pub async fn provision(args: &ProvisionArgs, config: &Config) -> Result<usize, ProvisionError> {
    let db = config.clickhouse.open(REQUEST_TIMEOUT);
    let passwords = passwords::keep(&args.accounts, ACCOUNTS.map(Role::as_str))?;
    ensure_accounts(&db, &passwords).await?;
    ensure_allowed(&db, &args.allow).await?;
    let topics = config.mqtt.topics();
    let accounts = truth::accounts(&db, &topics)
        .await
        .map_err(store("the accounts cannot be read"))?;
    let entries = accounts.iter().map(|(username, account)| dynsec::Entry {
        username,
        credential: &account.credential,
        rules: &account.rules,
        enabled: account.may_connect,
    });
    let newcomers = dynsec::without_account(&topics, config.access.mode);
    file::write_json(&args.dynsec_file, &dynsec::file(entries, &newcomers))?;
    Ok(accounts.len())
}

async fn ensure_accounts(
    db: &Clickhouse,
    passwords: &BTreeMap<String, Password>,
) -> Result<(), ProvisionError> {
    let stored = broker_account::changed_since(db, 0)
        .await
        .map_err(store("the broker's accounts cannot be read"))?;
    let mut rows = Vec::new();
    for (username, password) in passwords.iter().filter(|(name, _)| name.parse::<Role>().is_ok()) {
        let row = stored.iter().find(|row| row.username == *username);
        let as_wanted = row.is_some_and(|row| {
            row.flag_del == 0
                && row.role == *username
                && Credential::parse(&row.credential).is_ok_and(|kept| kept.verify(password.reveal()))
        });
        if as_wanted {
            continue;
        }
        let account = BrokerAccount {
            timestamp: now().max(row.map_or(0, |row| row.timestamp + 1)),
            flag_del: 0,
            username,
            role: username,
            credential: &Credential::of(password).to_string(),
            remark: "register provision",
        };
        account.encode(&mut rows);
    }
    insert(db, store::Table::BrokerAccount, rows).await
}

async fn ensure_allowed(db: &Clickhouse, allowed: &[Allowed]) -> Result<(), ProvisionError> {
    if allowed.is_empty() {
        return Ok(());
    }
    let stored = registration_allow_list::load_all(db)
        .await
        .map_err(store("the allow-list cannot be read"))?;
    let mut rows = Vec::new();
    for Allowed { model, contract } in allowed {
        if stored
            .iter()
            .any(|entry| entry.model == *model && entry.contract_num == *contract)
        {
            continue;
        }
        let entry = RegistrationAllowList {
            timestamp: now(),
            flag_del: 0,
            model,
            contract_num: contract,
            remark: "register provision",
        };
        entry.encode(&mut rows);
    }
    insert(db, store::Table::RegistrationAllowList, rows).await
}

async fn insert(db: &Clickhouse, table: store::Table, rows: Vec<u8>) -> Result<(), ProvisionError> {
    if rows.is_empty() {
        return Ok(());
    }
    let token = format!("provision-{:032x}", rand::random::<u128>());
    db.insert_rows(table, Bytes::from(rows), &token)
        .await
        .map_err(store("rows cannot be written"))
}

fn store(what: &'static str) -> impl FnOnce(StoreError) -> ProvisionError {
    move |source| ProvisionError::Store { what, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_half_may_be_any() {
        let allowed = |text: &str| text.parse::<Allowed>().map(|a| (a.model, a.contract));
        assert_eq!(allowed("DC-120:"), Ok(("DC-120".to_owned(), String::new())));
        assert_eq!(allowed(":HT-1"), Ok((String::new(), "HT-1".to_owned())));
        assert!(allowed("DC-120").is_err());
    }
}
