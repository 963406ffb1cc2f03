//! Everything the plugin of one broker has, for comparing it with the truth.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::link::Link;
use super::{AT_ONCE, command, refused};
use crate::access::dynsec::{Acl, role_owner};
use crate::broker::BrokerError;

/// Accounts or roles in one answer.
const PAGE: usize = 500;

/// The plugin of one broker.
#[derive(Debug, Clone, Copy)]
pub(in crate::broker) struct Contents<'a>(&'a Link);

/// How one account of ours stands in the plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::broker) struct Standing(command::Present);

impl Standing {
    /// Whether it may connect; none: only its role is there.
    pub(in crate::broker) fn enabled(&self) -> Option<bool> {
        self.0.enabled
    }

    /// Whether it may do exactly this.
    pub(in crate::broker) fn has(&self, username: &str, acls: &[Acl]) -> bool {
        self.0.has(username, acls)
    }

    #[cfg(test)]
    pub(in crate::broker) fn new(username: &str, enabled: Option<bool>, acls: &[Acl]) -> Self {
        Self(command::Present {
            enabled,
            roles: [crate::access::dynsec::role_name(username)].into(),
            acls: Some(acls.to_vec()),
        })
    }
}

/// One thing to be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::broker) enum Correction<'a> {
    ShutOut(&'a str),
    LetIn(&'a str),
    Rules(&'a str, Standing, Vec<Acl>),
    Remove(&'a str),
}

impl<'a> Contents<'a> {
    pub(super) fn of(link: &'a Link) -> Self {
        Self(link)
    }

    /// Every account that was made here, by name. Accounts and roles of others are passed over.
    pub(in crate::broker) async fn list(self) -> Result<BTreeMap<String, Standing>, BrokerError> {
        let mut found: BTreeMap<String, Standing> = BTreeMap::new();
        let roles: Vec<command::ListedRole> = self.pages("roles", command::list_roles).await?;
        for role in roles {
            if let Some(owner) = role_owner(&role.rolename).map(str::to_owned) {
                found.entry(owner).or_default().0.acls = Some(role.sorted_acls());
            }
        }
        let clients: Vec<command::ListedClient> = self.pages("clients", command::list_clients).await?;
        for client in clients {
            let (username, enabled) = (client.username.clone(), !client.disabled);
            let roles = client.role_names();
            // An account made here has a role made here.
            let ours = found.contains_key(&username) || roles.iter().any(|role| role_owner(role).is_some());
            if ours {
                let standing = &mut found.entry(username).or_default().0;
                (standing.enabled, standing.roles) = (Some(enabled), roles);
            }
        }
        Ok(found)
    }

    async fn pages<T: DeserializeOwned>(
        self,
        what: &str,
        page: impl Fn(usize, usize) -> Value,
    ) -> Result<Vec<T>, BrokerError> {
        let mut all = Vec::new();
        loop {
            let mut replies = self.0.ask(vec![page(all.len(), PAGE)]).await?;
            let mut data = replies.remove(0).map_err(|reason| refused("a list", &reason))?;
            let some: Vec<T> = serde_json::from_value(data[what].take())
                .map_err(|error| refused("a list", &error.to_string()))?;
            let last = some.len() < PAGE;
            all.extend(some);
            if last {
                return Ok(all);
            }
        }
    }

    /// Carries them out; a refusal does not keep back the others. Says how many were refused.
    pub(in crate::broker) async fn correct(
        self,
        corrections: &[Correction<'_>],
    ) -> Result<usize, BrokerError> {
        let mut refusals = 0;
        for some in corrections.chunks(AT_ONCE) {
            let commands = some.iter().flat_map(|correction| match correction {
                Correction::ShutOut(username) => vec![command::shut_out(username)],
                Correction::LetIn(username) => vec![command::let_in(username)],
                Correction::Rules(username, standing, acls) => command::rules(&standing.0, username, acls),
                Correction::Remove(username) => command::remove(username).into(),
            });
            let replies = self.0.ask(commands.collect()).await?;
            // Of a stranger there may be only the role, or only the account.
            let refused =
                |reply: &&command::Reply| matches!(reply, Err(reason) if !reason.contains("not found"));
            refusals += replies.iter().filter(refused).count();
        }
        Ok(refusals)
    }
}
