//! Compares the accounts that Mosquitto has with those that it ought to have, and puts right what differs: a
//! command may have been lost with a connection, a folder restored from a copy, an account made by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use common::shutdown::Shutdown;
use futures_util::future;
use metrics::{counter, gauge};
use protocol::topic::Topics;
use store::Clickhouse;

use super::mosquitto::{Contents, Correction, Standing};
use super::truth::{self, Account};
use super::{Broker, Mosquitto};
use crate::access::dynsec;

/// Rounds until nothing differs: what staff change while it is compared shows up in the next one.
const ROUNDS: usize = 3;
/// After a failure; the broker or ClickHouse may be back soon.
const RETRY: Duration = Duration::from_secs(5);
/// Accounts named in the log.
const NAMED: usize = 10;

/// Compares at once, whenever a broker has been connected to, and `every` so often, until the stop. Only Mosquitto
/// has accounts of its own to compare.
pub async fn keep_in_step(
    broker: Broker,
    db: Clickhouse,
    topics: Topics,
    every: Duration,
    shutdown: Shutdown,
) {
    let Broker::Mosquitto(mosquitto) = broker else {
        return;
    };
    let mut connections = mosquitto.connections();
    loop {
        for connection in &mut connections {
            connection.mark_unchanged();
        }
        let wait = match all(&mosquitto, &db, &topics).await {
            Ok(()) => every,
            Err(reason) => {
                tracing::warn!(reason, "the broker's accounts cannot be compared");
                RETRY.min(every)
            }
        };
        let connected = future::select_all(connections.iter_mut().map(|c| Box::pin(c.changed())));
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
            _ = connected => {}
        }
    }
}

async fn all(mosquitto: &Mosquitto, db: &Clickhouse, topics: &Topics) -> Result<(), String> {
    let mut missing = 0;
    for plugin in mosquitto.plugins() {
        missing += one(plugin, mosquitto.own(), db, topics).await?;
    }
    gauge!("register_broker_missing_accounts").set(missing as f64);
    Ok(())
}

/// Puts one broker right; says how many accounts it lacks.
async fn one(plugin: Contents<'_>, own: &str, db: &Clickhouse, topics: &Topics) -> Result<usize, String> {
    let mut missing = 0;
    for round in 1..=ROUNDS {
        // The broker first: an account is in ClickHouse before the broker is told, so none that is just being
        // granted can look like a stranger.
        let found = plugin.list().await.map_err(|error| error.to_string())?;
        let wanted = truth::accounts(db, topics).await.map_err(|error| chain(&error))?;
        let differences = compare(&found, &wanted, own);
        missing = differences.missing.len();
        if round == 1 && missing > 0 {
            report(&differences.missing);
        }
        if differences.corrections.is_empty() {
            break;
        }
        let count = differences.corrections.len();
        counter!("register_broker_corrections_total").increment(count as u64);
        tracing::info!(
            count,
            "the broker's accounts differ from the registrations and are put right"
        );
        let refusals = plugin
            .correct(&differences.corrections)
            .await
            .map_err(|error| error.to_string())?;
        if refusals > 0 {
            tracing::warn!(refusals, "the broker refuses some corrections");
        }
    }
    Ok(missing)
}

fn report(missing: &[&str]) {
    let first = missing[..missing.len().min(NAMED)].join(", ");
    tracing::warn!(
        count = missing.len(),
        first,
        "the broker lacks accounts whose passwords are not known here: write its file anew with `register \
         provision` and restart it, or let the TCUs register again"
    );
}

/// What differs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Differences<'a> {
    /// In the order in which they are carried out: first who must not be in.
    corrections: Vec<Correction<'a>>,
    /// Accounts that the broker lacks; a password cannot be had from its hash.
    missing: Vec<&'a str>,
}

/// `own` is the account that this service uses: it is left alone, or a mistake would lock the door from inside.
fn compare<'a>(
    found: &'a BTreeMap<String, Standing>,
    wanted: &'a BTreeMap<String, Account>,
    own: &str,
) -> Differences<'a> {
    let (mut out, mut others, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (username, standing) in found.iter().filter(|(username, _)| *username != own) {
        let Some(account) = wanted.get(username) else {
            out.push(Correction::Remove(username));
            continue;
        };
        let Some(enabled) = standing.enabled() else {
            continue;
        };
        if enabled && !account.may_connect {
            out.push(Correction::ShutOut(username));
        }
        let acls = dynsec::acls(&account.rules);
        if !standing.has(username, &acls) {
            others.push(Correction::Rules(username, standing.clone(), acls));
        }
        if !enabled && account.may_connect {
            others.push(Correction::LetIn(username));
        }
    }
    for (username, account) in wanted {
        let there = found
            .get(username)
            .is_some_and(|standing| standing.enabled().is_some());
        if account.may_connect && !there && username != own {
            missing.push(username.as_str());
        }
    }
    out.extend(others);
    Differences {
        corrections: out,
        missing,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use protocol::Password;

    use super::*;
    use crate::access::Rule;
    use crate::model::Credential;

    fn wanted(username: &str, may_connect: bool) -> (String, Account) {
        let account = Account {
            credential: Credential::of(&Password::new("x")),
            rules: vec![Rule::publish(username)],
            may_connect,
        };
        (username.to_owned(), account)
    }

    fn found(username: &str, enabled: Option<bool>, topic: &str) -> (String, Standing) {
        let acls = dynsec::acls(&[Rule::publish(topic)]);
        (username.to_owned(), Standing::new(username, enabled, &acls))
    }

    #[test]
    fn what_agrees_is_left_alone() {
        let found = [found("a", Some(true), "a"), found("off", Some(false), "off")].into();
        let wanted = [wanted("a", true), wanted("off", false)].into();
        assert_eq!(compare(&found, &wanted, "register"), Differences::default());
    }

    #[test]
    fn whoever_must_not_be_in_goes_first() {
        let found = [
            found("changed", Some(true), "other"),
            found("disabled", Some(true), "disabled"),
            found("enabled", Some(false), "enabled"),
            found("stranger", Some(true), "stranger"),
        ]
        .into();
        let wanted = [
            wanted("changed", true),
            wanted("disabled", false),
            wanted("enabled", true),
            wanted("lost", true),
            wanted("lost-but-disabled", false),
        ]
        .into();
        let differences = compare(&found, &wanted, "register");
        let kinds: Vec<_> = differences
            .corrections
            .iter()
            .map(|correction| match correction {
                Correction::ShutOut(username) => format!("shut out {username}"),
                Correction::LetIn(username) => format!("let in {username}"),
                Correction::Rules(username, ..) => format!("rules {username}"),
                Correction::Remove(username) => format!("remove {username}"),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "shut out disabled",
                "remove stranger",
                "rules changed",
                "let in enabled"
            ]
        );
        assert_eq!(differences.missing, ["lost"]);
    }

    #[test]
    fn our_own_account_is_never_touched() {
        let found = [found("register", Some(true), "other")].into();
        assert_eq!(
            compare(&found, &BTreeMap::new(), "register"),
            Differences::default()
        );
    }
}
