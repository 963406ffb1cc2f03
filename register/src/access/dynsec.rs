//! Rules for Mosquitto's dynamic-security plugin: ACLs of a role, one role per account, and the file that holds
//! them all when the broker starts.
//!
//! The plugin (Mosquitto 2.0) compares a wanted subscription with the `subscribeLiteral` ACLs of a role first, then
//! with its `subscribePattern` ones, and hands out a message only where a `publishClientReceive` ACL allows it. It
//! takes a `$share/group/…` subscription as it is written.

use protocol::topic::Topics;
use serde::{Deserialize, Serialize};

use super::{Action, Permission, Rule, newcomer};
use crate::config::Mode;
use crate::model::Credential;

/// Begins the name of every role that is made here; what carries another name is somebody else's.
const ROLE_PREFIX: &str = "account-";
/// The group and the role of clients without a user name.
const NEWCOMERS: &str = "newcomers";

/// One ACL of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Acl {
    /// What it is about, in the plugin's words.
    #[serde(rename = "acltype")]
    pub kind: String,
    /// Topic or filter.
    pub topic: String,
    /// The highest one that matches decides.
    pub priority: i32,
    /// Lets in or keeps out.
    pub allow: bool,
}

/// The name of an account's role.
pub fn role_name(username: &str) -> String {
    format!("{ROLE_PREFIX}{username}")
}

/// Whose role this is; none when it was not made here.
pub fn role_owner(role: &str) -> Option<&str> {
    role.strip_prefix(ROLE_PREFIX)
}

/// The ACLs that stand for the rules. Sorted, so that they can be compared with what the plugin says it has.
pub fn acls(rules: &[Rule]) -> Vec<Acl> {
    let mut acls: Vec<Acl> = Vec::new();
    for (rule, priority) in rules.iter().rev().zip(1..).collect::<Vec<_>>().into_iter().rev() {
        for (kind, topic) in kinds(rule) {
            // The plugin keeps one ACL per kind and topic; the first rule is the one that counts.
            if !acls.iter().any(|acl| acl.kind == kind && acl.topic == topic) {
                acls.push(Acl {
                    kind: kind.to_owned(),
                    topic: topic.to_owned(),
                    priority,
                    allow: rule.permission == Permission::Allow,
                });
            }
        }
    }
    acls.sort();
    acls
}

fn kinds(rule: &Rule) -> Vec<(&'static str, &str)> {
    let topic = rule.topic.as_str();
    if rule.action == Action::Publish {
        return vec![("publishClientSend", topic)];
    }
    if rule.literal {
        return vec![("subscribeLiteral", topic)];
    }
    let subscribe = if topic.contains(['+', '#']) {
        "subscribePattern"
    } else {
        "subscribeLiteral"
    };
    vec![(subscribe, topic), ("publishClientReceive", unshared(topic))]
}

/// Messages come on their own topic, whichever group they are shared in.
fn unshared(filter: &str) -> &str {
    filter
        .strip_prefix("$share/")
        .and_then(|rest| rest.split_once('/'))
        .map_or(filter, |(_, filter)| filter)
}

/// What a client without a user name may do. In mode `open` also what any pile may: the plugin cannot tell one
/// such client from another, so it cannot bind them to known uuids as EMQX's hook does.
pub fn without_account(topics: &Topics, mode: Mode) -> Vec<Rule> {
    let mut rules = newcomer(topics);
    if mode == Mode::Open {
        let (every, cmd) = (topics.device_filter(), topics.cmd_filter());
        // One pile's commands may be asked for, never those of all.
        let wildcards = [every.replace('#', "+/#"), every, cmd.clone()];
        rules.extend(wildcards.map(Rule::refuse_filter));
        rules.extend([
            Rule::publish(topics.msg_filter()),
            Rule::publish(topics.cmd_resp_filter()),
            Rule::publish(topics.status_filter()),
            Rule::subscribe(cmd),
        ]);
    }
    rules
}

/// One account in the file.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its name.
    pub username: &'a str,
    /// The hash of its password.
    pub credential: &'a Credential,
    /// Everything it may do.
    pub rules: &'a [Rule],
    /// Whether it may connect.
    pub enabled: bool,
}

/// The plugin's whole file: everything denied that no role allows.
pub fn file<'a>(entries: impl IntoIterator<Item = Entry<'a>>, newcomers: &[Rule]) -> File {
    let mut file = File {
        default_acl_access: Defaults {
            publish_client_send: false,
            publish_client_receive: false,
            subscribe: false,
            // Who may not subscribe has nothing to unsubscribe from.
            unsubscribe: true,
        },
        clients: Vec::new(),
        groups: vec![Group {
            groupname: NEWCOMERS,
            roles: vec![RoleName {
                rolename: NEWCOMERS.to_owned(),
            }],
        }],
        roles: vec![Role {
            rolename: NEWCOMERS.to_owned(),
            acls: acls(newcomers),
        }],
        anonymous_group: NEWCOMERS,
    };
    for entry in entries {
        let (iterations, salt, password) = entry.credential.parts();
        let rolename = role_name(entry.username);
        file.roles.push(Role {
            rolename: rolename.clone(),
            acls: acls(entry.rules),
        });
        file.clients.push(Client {
            username: entry.username.to_owned(),
            roles: vec![RoleName { rolename }],
            password,
            salt,
            iterations,
            disabled: !entry.enabled,
        });
    }
    file
}

/// The plugin's file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    #[serde(rename = "defaultACLAccess")]
    default_acl_access: Defaults,
    clients: Vec<Client>,
    groups: Vec<Group>,
    roles: Vec<Role>,
    anonymous_group: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    publish_client_send: bool,
    publish_client_receive: bool,
    subscribe: bool,
    unsubscribe: bool,
}

#[derive(Debug, Serialize)]
struct Client {
    username: String,
    roles: Vec<RoleName>,
    password: String,
    salt: String,
    iterations: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disabled: bool,
}

#[derive(Debug, Serialize)]
struct Group {
    groupname: &'static str,
    roles: Vec<RoleName>,
}

#[derive(Debug, Serialize)]
struct Role {
    rolename: String,
    acls: Vec<Acl>,
}

#[derive(Debug, Serialize)]
struct RoleName {
    rolename: String,
}

#[cfg(test)]
mod tests {
    use protocol::{Password, Uuid};

    use super::*;
    use crate::access::{self, pile};

    fn topics() -> Topics {
        Topics::new("xjdy", "TCU")
    }

    fn brief(rules: &[Rule]) -> Vec<String> {
        let sign = |allow| if allow { '+' } else { '-' };
        acls(rules)
            .iter()
            .map(|acl| format!("{}{} {}", sign(acl.allow), acl.kind, acl.topic))
            .collect()
    }

    #[test]
    fn a_pile_has_its_own_four_topics() {
        let uuid = Uuid::parse("AAAAALFW").unwrap();
        assert_eq!(
            brief(&pile(&topics(), uuid, None)),
            [
                "+publishClientReceive /xjdy/ops/v1/TCU/AAAAALFW/cmd",
                "+publishClientSend /xjdy/ops/v1/TCU/AAAAALFW/cmd_resp/+",
                "+publishClientSend /xjdy/ops/v1/TCU/AAAAALFW/msg",
                "+publishClientSend /xjdy/ops/v1/TCU/AAAAALFW/status",
                "+subscribeLiteral /xjdy/ops/v1/TCU/AAAAALFW/cmd",
            ]
        );
    }

    #[test]
    fn a_newcomer_reads_one_result_and_never_all() {
        assert_eq!(
            brief(&without_account(&topics(), Mode::Closed)),
            [
                "+publishClientReceive /xjdy/注册ops/v1/注册结果/+",
                "+publishClientSend /xjdy/注册ops/v1",
                "-subscribeLiteral /xjdy/注册ops/v1/注册结果/#",
                "-subscribeLiteral /xjdy/注册ops/v1/注册结果/+",
                "+subscribePattern /xjdy/注册ops/v1/注册结果/+",
            ]
        );
    }

    #[test]
    fn shared_filters_are_received_on_their_own_topics_and_listed_once() {
        let acls = acls(&access::Role::OpsTcu.rules(&topics()));
        let received: Vec<_> = acls
            .iter()
            .filter(|acl| acl.kind == "publishClientReceive")
            .map(|acl| acl.topic.as_str())
            .collect();
        assert_eq!(
            received,
            [
                "/xjdy/ops/v1/PXY/+/cmd",
                "/xjdy/ops/v1/TCU/+/cmd_resp/+",
                "/xjdy/ops/v1/TCU/+/msg",
                "/xjdy/ops/v1/TCU/+/status",
            ]
        );
    }

    #[test]
    fn the_file_denies_by_default_and_holds_hashes_only() {
        let credential = Credential::of(&Password::new("geheim"));
        let rules = [Rule::publish("a")];
        let entry = Entry {
            username: "AAAAALFW",
            credential: &credential,
            rules: &rules,
            enabled: false,
        };
        let text = serde_json::to_string(&file([entry], &without_account(&topics(), Mode::Closed))).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["defaultACLAccess"]["subscribe"], false);
        assert_eq!(read["anonymousGroup"], "newcomers");
        assert_eq!(read["clients"][0]["disabled"], true);
        assert_eq!(read["clients"][0]["roles"][0]["rolename"], "account-AAAAALFW");
        assert!(!text.contains("geheim"));
    }
}
