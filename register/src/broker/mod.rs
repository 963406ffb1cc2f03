//! Tells the broker who may connect: nothing here decides, and nothing is kept here that ClickHouse does not have.
//!
//! Mosquitto keeps accounts of its own, in its dynamic-security plugin, and is told of every change. EMQX asks
//! whenever a client connects, so it is only told to close connections.

mod emqx;
mod error;
mod mosquitto;
mod reconcile;
pub mod truth;

use protocol::Password;

use crate::access::Rule;
use crate::config::{BrokerKind, Config};

pub use emqx::Emqx;
pub use error::BrokerError;
pub use mosquitto::Mosquitto;
pub use reconcile::keep_in_step;

/// An account that is to work from now on.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its name.
    pub username: String,
    /// Its password; an earlier one no longer works.
    pub password: Password,
    /// Everything it may do.
    pub rules: Vec<Rule>,
}

/// Who keeps the door. A cheap handle: clones share one connection.
#[derive(Debug, Clone)]
pub enum Broker {
    /// One or more Mosquitto, each with its dynamic-security plugin.
    Mosquitto(Mosquitto),
    /// A cluster that asks over HTTP.
    Emqx(Emqx),
    /// Nobody is told: the broker keeps its accounts elsewhere, or none.
    None,
}

impl Broker {
    /// Starts what the configuration names; needs a tokio runtime. Nothing waits for a connection here.
    ///
    /// # Errors
    /// [`BrokerError`] when the address of the management interface cannot be used.
    pub fn new(config: &Config) -> Result<Self, BrokerError> {
        Ok(match config.broker.kind {
            BrokerKind::Mosquitto => Self::Mosquitto(Mosquitto::new(&config.mqtt)),
            BrokerKind::Emqx => Self::Emqx(Emqx::new(&config.broker)?),
            BrokerKind::None => Self::None,
        })
    }

    /// Makes the accounts work; the answers are in the order of `accounts`. After an Ok the account exists, is
    /// enabled, and has this password and exactly these rules. After an error it may or may not.
    pub async fn grant(&self, accounts: &[NewAccount]) -> Vec<Result<(), BrokerError>> {
        match self {
            Self::Mosquitto(broker) => broker.grant(accounts).await,
            // EMQX asks when they connect.
            Self::Emqx(_) | Self::None => accounts.iter().map(|_| Ok(())).collect(),
        }
    }

    /// Changes what the account may do. Its connections are closed, for what it has subscribed to was allowed
    /// by the former rules; it connects again by itself.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn set_rules(&self, username: &str, rules: &[Rule]) -> Result<(), BrokerError> {
        match self {
            Self::Mosquitto(broker) => broker.set_rules(username, rules).await,
            Self::Emqx(broker) => broker.close(username).await,
            Self::None => Ok(()),
        }
    }

    /// Closes the account's connections and keeps it from connecting. Ok when there is no such account.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn shut_out(&self, username: &str) -> Result<(), BrokerError> {
        match self {
            Self::Mosquitto(broker) => broker.shut_out(username).await,
            Self::Emqx(broker) => broker.close(username).await,
            Self::None => Ok(()),
        }
    }

    /// Closes the connection of a client that came without an account. Only EMQX can tell one such from another.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn close_client(&self, client_id: &str) -> Result<(), BrokerError> {
        match self {
            Self::Emqx(broker) => broker.close_client(client_id).await,
            Self::Mosquitto(_) | Self::None => Ok(()),
        }
    }

    /// Undoes [`Self::shut_out`]: the account has its password and rules again.
    ///
    /// # Errors
    /// [`BrokerError`]; also when the broker does not have the account, which must then be granted anew.
    pub async fn let_in(&self, username: &str) -> Result<(), BrokerError> {
        match self {
            Self::Mosquitto(broker) => broker.let_in(username).await,
            Self::Emqx(_) | Self::None => Ok(()),
        }
    }

    /// Closes the account's connections and forgets it. Ok when there is no such account.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn remove(&self, username: &str) -> Result<(), BrokerError> {
        match self {
            Self::Mosquitto(broker) => broker.remove(username).await,
            Self::Emqx(broker) => broker.close(username).await,
            Self::None => Ok(()),
        }
    }
}
