//! What staff do, one file per operation. No HTTP in here: whoever knows who the caller is may mount these.
//!
//! Every operation goes the same way: it locks its serial numbers, reads the truth, decides, writes
//! `operation_record`, then the registration (and assets), then tells the broker and the TCU. What is in
//! ClickHouse is done; a broker that is away is told later.

mod allow_list;
mod approve;
pub(crate) mod assets;
mod broker_account;
mod change_uuid;
mod disable;
mod enable;
mod error;
mod list;
mod locked;
mod messages;
mod recorded;
mod refuse;
mod release;
mod retire;
mod swap;
mod view;

use std::sync::Arc;
use std::time::Duration;

use protocol::topic::Topics;

use crate::access::{Rule, pile};
use crate::broker::{Broker, BrokerError, NewAccount};
use crate::config::{AccessConfig, Mode};
use crate::desk::Outlet;
use crate::ledger::Ledger;
use crate::model::{Registration, Serial};

pub use broker_account::{AccountView, NewPassword};
pub use error::{Conflict, OperationError, Thing};
pub use list::{Page, Search};
pub use swap::Pile;
pub use view::{Done, Told, View};

/// Somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who asks for an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person's account or name.
    pub account: String,
    /// From where: IP address; empty if it is not known.
    pub address: String,
    /// 0 = known by account only.
    pub user_id: u64,
}

/// Which registration is to be changed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Factory serial number.
    pub sn: Serial,
    /// The version that the caller read; none = whatever it is now.
    pub version: Option<i64>,
    /// Why.
    pub reason: String,
}

/// All operations; a cheap handle.
#[derive(Clone)]
pub struct Operations(Arc<Parts>);

struct Parts {
    ledger: Ledger,
    broker: Broker,
    outlet: Outlet,
    /// By then every register has read a change again.
    known_everywhere: Duration,
    /// While the door is open: how a client id tells the uuid.
    open: Option<String>,
}

impl Operations {
    /// Over the rooms that carry them out.
    pub fn new(ledger: Ledger, broker: Broker, outlet: Outlet, access: &AccessConfig) -> Self {
        Self(Arc::new(Parts {
            ledger,
            broker,
            outlet,
            known_everywhere: access.refresh * 2 + Duration::from_secs(1),
            open: (access.mode == Mode::Open).then(|| access.client_id_pattern.clone()),
        }))
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub(crate) fn outlet(&self) -> &Outlet {
        &self.0.outlet
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.0.broker
    }

    fn topics(&self) -> &Topics {
        self.0.outlet.topics()
    }

    /// What this registration's account may do.
    pub(crate) fn rules(&self, registration: &Registration) -> Vec<Rule> {
        let rules = |uuid| pile(self.topics(), uuid, registration.former_uuid);
        registration.uuid.map(rules).unwrap_or_default()
    }

    /// Makes one account work.
    async fn grant(&self, account: NewAccount) -> Result<(), BrokerError> {
        let answers = self.broker().grant(&[account]).await;
        answers.into_iter().next().unwrap_or(Ok(()))
    }

    /// Closes the connections of the TCU, for a while or (`for_good`) with its account.
    async fn keep_out(&self, registration: &Registration, for_good: bool) -> Told {
        let username = registration.username.as_str();
        let first = told(username, self.close(registration, for_good)).await;
        if let Broker::Emqx(_) = self.broker() {
            self.close_again(registration.clone());
        }
        first
    }

    /// A client that was closed comes back at once, and another register may not have read of the change by then.
    fn close_again(&self, registration: Registration) {
        let (operations, after) = (self.clone(), self.0.known_everywhere);
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            told(&registration.username, operations.close(&registration, false)).await;
        });
    }

    async fn close(&self, registration: &Registration, for_good: bool) -> Result<(), BrokerError> {
        let (broker, username) = (self.broker(), registration.username.as_str());
        let by_account = match (username, for_good) {
            ("", _) => Ok(()),
            (_, true) => broker.remove(username).await,
            (_, false) => broker.shut_out(username).await,
        };
        let Some(pattern) = &self.0.open else {
            return by_account;
        };
        for uuid in registration.uuid.into_iter().chain(registration.former_uuid) {
            let client_id = pattern.replace("{uuid}", &uuid.to_string());
            broker.close_client(&client_id).await?;
        }
        by_account
    }
}

/// What the broker's answer means for who asked. Nobody waits long for it: what the broker was asked goes on, and
/// the comparison of accounts puts right whatever is missing.
pub(crate) async fn told(username: &str, telling: impl Future<Output = Result<(), BrokerError>>) -> Told {
    match tokio::time::timeout(PATIENCE, telling).await {
        Ok(Ok(())) => return Told::Done,
        Ok(Err(error)) => {
            tracing::warn!(username, %error, "the broker was not told; the comparison of accounts will")
        }
        Err(_) => tracing::warn!(username, "the broker takes long to answer"),
    }
    Told::Later
}
