//! Which accounts a broker ought to have, from ClickHouse.

use std::collections::BTreeMap;

use protocol::topic::Topics;
use store::table::{broker_account, registration};
use store::{Clickhouse, StoreError};

use crate::access::{Role, Rule, pile};
use crate::model::{Credential, Registration, State};

/// One account as it ought to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The hash of its password.
    pub credential: Credential,
    /// Everything it may do.
    pub rules: Vec<Rule>,
    /// Whether it may connect; one that may not is kept for the day when it may again.
    pub may_connect: bool,
}

/// Every account that a broker ought to have, by name.
///
/// # Errors
/// [`StoreError`] when ClickHouse is away.
pub async fn accounts(db: &Clickhouse, topics: &Topics) -> Result<BTreeMap<String, Account>, StoreError> {
    let mut all = BTreeMap::new();
    let mut rows = registration::changed_since(db, 0)?;
    while let Some(row) = rows.next().await? {
        match Registration::from_stored(row) {
            Ok(registration) => add_pile(&mut all, topics, registration),
            Err(error) => tracing::error!(%error, "a registration is passed over"),
        }
    }
    // Last, so that no pile can take the name of a service.
    for row in broker_account::changed_since(db, 0).await? {
        match (row.role.parse::<Role>(), Credential::parse(&row.credential)) {
            _ if row.flag_del != 0 => {}
            (Ok(role), Ok(credential)) => {
                let rules = role.rules(topics);
                let account = Account {
                    credential,
                    rules,
                    may_connect: true,
                };
                all.insert(row.username, account);
            }
            _ => tracing::error!(
                username = row.username,
                "an account is passed over: it cannot be read"
            ),
        }
    }
    Ok(all)
}

fn add_pile(all: &mut BTreeMap<String, Account>, topics: &Topics, registration: Registration) {
    let may_connect = registration.state.may_connect();
    if !may_connect && registration.state != State::Disabled {
        return;
    }
    let (Some(uuid), Some(credential)) = (registration.uuid, registration.credential) else {
        return;
    };
    let account = Account {
        credential,
        rules: pile(topics, uuid, registration.former_uuid),
        may_connect,
    };
    // Two registrations with one account are a fault; the one that may connect counts.
    let kept = all
        .get(&registration.username)
        .is_some_and(|kept| kept.may_connect);
    if !kept {
        all.insert(registration.username, account);
    }
}
