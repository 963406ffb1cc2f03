//! Mosquitto's dynamic-security plugin, kept in step over `$CONTROL/dynamic-security/v1`.
//!
//! Every command that changes something makes the broker rewrite its whole file and wait for it: milliseconds with
//! a thousand accounts, a quarter of a second with twenty thousand. So it is looked first, and then no more is
//! sent than must be.

mod command;
mod link;
mod plugin;

use futures_util::future;
use serde_json::Value;
use tokio::sync::watch;

use self::link::Link;
use super::{BrokerError, NewAccount};
use crate::access::Rule;
use crate::access::dynsec::{self, Acl};
use crate::config::MqttConfig;

pub(super) use plugin::{Contents, Correction, Standing};

/// Accounts in one message. The broker does nothing else until it has carried out a message, so a batch is cut
/// into pieces between which piles are heard.
const AT_ONCE: usize = 16;

/// The configured Mosquittos; each is told of everything.
#[derive(Debug, Clone)]
pub struct Mosquitto {
    links: Vec<Link>,
    /// Our own account, which no comparison may touch.
    own: String,
}

impl Mosquitto {
    /// One connection of its own to each broker, apart from the one on which requests come.
    pub fn new(config: &MqttConfig) -> Self {
        let client_id = format!("{}-accounts", config.client_id);
        let link = |address| Link::start(address, link::options(&client_id, address, config));
        Self {
            links: config.brokers.iter().map(link).collect(),
            own: config.username.clone(),
        }
    }

    pub(super) async fn grant(&self, accounts: &[NewAccount]) -> Vec<Result<(), BrokerError>> {
        let granted = future::join_all(self.links.iter().map(|link| grant_all(link, accounts))).await;
        granted
            .into_iter()
            .fold(vec![Ok(()); accounts.len()], |all, one| {
                all.into_iter().zip(one).map(|(all, one)| all.and(one)).collect()
            })
    }

    pub(super) async fn set_rules(&self, username: &str, rules: &[Rule]) -> Result<(), BrokerError> {
        let acls = dynsec::acls(rules);
        self.on_all(|link| set_rules(link, username, &acls)).await
    }

    pub(super) async fn shut_out(&self, username: &str) -> Result<(), BrokerError> {
        self.on_all(|link| shut_out(link, username)).await
    }

    pub(super) async fn let_in(&self, username: &str) -> Result<(), BrokerError> {
        self.on_all(|link| all_done(link, vec![command::let_in(username)]))
            .await
    }

    pub(super) async fn remove(&self, username: &str) -> Result<(), BrokerError> {
        // What is not there need not be removed, so a refusal says nothing.
        let removed = self
            .links
            .iter()
            .map(|link| link.ask(command::remove(username).into()));
        let answers: Result<Vec<_>, _> = future::join_all(removed).await.into_iter().collect();
        answers.map(|_| ())
    }

    /// Our own account; empty when there is none.
    pub(super) fn own(&self) -> &str {
        &self.own
    }

    /// Each broker, for comparing what it has with what it ought to have.
    pub(super) fn plugins(&self) -> impl Iterator<Item = Contents<'_>> {
        self.links.iter().map(Contents::of)
    }

    /// For each broker, a count of the connections to it: it may have been away, or be another one.
    pub(super) fn connections(&self) -> Vec<watch::Receiver<u64>> {
        self.links.iter().map(Link::connections).collect()
    }

    /// On every broker; an error of one does not keep it from the others.
    async fn on_all<'a, F>(&'a self, on: impl Fn(&'a Link) -> F) -> Result<(), BrokerError>
    where
        F: Future<Output = Result<(), BrokerError>>,
    {
        let outcomes = future::join_all(self.links.iter().map(on)).await;
        outcomes.into_iter().collect()
    }
}

async fn grant_all(link: &Link, accounts: &[NewAccount]) -> Vec<Result<(), BrokerError>> {
    let mut granted = Vec::with_capacity(accounts.len());
    for some in accounts.chunks(AT_ONCE) {
        match grant_some(link, some).await {
            Ok(outcomes) => granted.extend(outcomes),
            Err(error) => granted.extend(some.iter().map(|_| Err(error.clone()))),
        }
    }
    granted
}

async fn grant_some(
    link: &Link,
    accounts: &[NewAccount],
) -> Result<Vec<Result<(), BrokerError>>, BrokerError> {
    let usernames: Vec<_> = accounts.iter().map(|account| account.username.as_str()).collect();
    let present = look(link, &usernames).await?;
    let commands: Vec<Vec<Value>> = accounts
        .iter()
        .zip(&present)
        .map(|(account, present)| command::grant(present, account, &dynsec::acls(&account.rules)))
        .collect();
    let lengths: Vec<_> = commands.iter().map(Vec::len).collect();
    let mut replies = link
        .ask(commands.into_iter().flatten().collect())
        .await?
        .into_iter();
    let outcomes = lengths
        .into_iter()
        .map(|length| done("granting an account", replies.by_ref().take(length)));
    Ok(outcomes.collect())
}

async fn set_rules(link: &Link, username: &str, acls: &[Acl]) -> Result<(), BrokerError> {
    let present = look(link, &[username]).await?.remove(0);
    if present.enabled.is_none() {
        return Err(refused("new rules", "there is no such account"));
    }
    all_done(link, command::rules(&present, username, acls)).await
}

async fn shut_out(link: &Link, username: &str) -> Result<(), BrokerError> {
    // Also when it is shut out already: a connection that slipped through is closed.
    match look(link, &[username]).await?.remove(0).enabled {
        Some(_) => all_done(link, vec![command::shut_out(username)]).await,
        None => Ok(()),
    }
}

async fn look(link: &Link, usernames: &[&str]) -> Result<Vec<command::Present>, BrokerError> {
    let questions = usernames.iter().flat_map(|username| command::look(username));
    let mut replies = link.ask(questions.collect()).await?.into_iter();
    let mut present = Vec::with_capacity(usernames.len());
    while let (Some(client), Some(role)) = (replies.next(), replies.next()) {
        present.push(command::seen(client, role));
    }
    Ok(present)
}

async fn all_done(link: &Link, commands: Vec<Value>) -> Result<(), BrokerError> {
    done("a change of an account", link.ask(commands).await?.into_iter())
}

fn done(what: &str, mut replies: impl Iterator<Item = command::Reply>) -> Result<(), BrokerError> {
    // All are consumed, so that the next account's are next.
    let failed = replies
        .by_ref()
        .fold(None, |failed, reply| failed.or(reply.err()));
    failed.map_or(Ok(()), |reason| Err(refused(what, &reason)))
}

fn refused(what: &str, reason: &str) -> BrokerError {
    BrokerError::Refused {
        what: what.to_owned(),
        reason: reason.to_owned(),
    }
}
