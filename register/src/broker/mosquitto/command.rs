//! The plugin's commands and answers, without I/O.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::dynsec::{Acl, role_name};
use crate::broker::NewAccount;

/// The answer to one command: what was asked for, or why not.
pub(super) type Reply = Result<Value, String>;

/// The message that carries `commands`, each marked with the number of the message and its own place.
pub(super) fn message(sequence: u64, mut commands: Vec<Value>) -> Vec<u8> {
    for (place, command) in commands.iter_mut().enumerate() {
        command["correlationData"] = format!("{sequence}.{place}").into();
    }
    json!({ "commands": commands }).to_string().into_bytes()
}

#[derive(Deserialize)]
struct Answer {
    responses: Vec<Response>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    correlation_data: Option<String>,
    error: Option<String>,
    #[serde(default)]
    data: Value,
}

/// The `count` answers to message `sequence`; none when this is the answer to something else.
pub(super) fn replies(payload: &[u8], sequence: u64, count: usize) -> Option<Vec<Reply>> {
    let answer: Answer = serde_json::from_slice(payload).ok()?;
    let mut replies: Vec<Reply> = vec![Err("it gave no answer".to_owned()); count];
    let mut ours = false;
    for response in answer.responses {
        let mark = response.correlation_data.unwrap_or_default();
        let Some((number, place)) = mark.split_once('.') else {
            continue;
        };
        let place = place.parse::<usize>().ok();
        if let (true, Some(slot)) = (
            number == sequence.to_string(),
            place.and_then(|place| replies.get_mut(place)),
        ) {
            ours = true;
            *slot = response.error.map_or(Ok(response.data), Err);
        }
    }
    ours.then_some(replies)
}

/// What the plugin has of one account.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Present {
    /// Whether it may connect; none when there is no such account.
    pub(super) enabled: Option<bool>,
    /// The roles it has been given.
    pub(super) roles: BTreeSet<String>,
    /// The ACLs of the role made for it, sorted; none when there is no such role.
    pub(super) acls: Option<Vec<Acl>>,
}

impl Present {
    /// Whether it may do exactly this.
    pub(super) fn has(&self, username: &str, acls: &[Acl]) -> bool {
        self.acls.as_deref() == Some(acls)
            && self.roles.len() == 1
            && self.roles.contains(&role_name(username))
    }
}

/// An account in a list or an answer.
#[derive(Debug, Deserialize)]
pub(super) struct ListedClient {
    pub(super) username: String,
    #[serde(default)]
    pub(super) disabled: bool,
    #[serde(default)]
    roles: Vec<RoleName>,
}

impl ListedClient {
    pub(super) fn role_names(self) -> BTreeSet<String> {
        self.roles.into_iter().map(|role| role.rolename).collect()
    }
}

#[derive(Debug, Deserialize)]
struct RoleName {
    rolename: String,
}

/// A role in a list or an answer.
#[derive(Debug, Deserialize)]
pub(super) struct ListedRole {
    pub(super) rolename: String,
    #[serde(default)]
    acls: Vec<Acl>,
}

impl ListedRole {
    pub(super) fn sorted_acls(mut self) -> Vec<Acl> {
        self.acls.sort();
        self.acls
    }
}

/// Asks what there is of an account; costs the broker no writing.
pub(super) fn look(username: &str) -> [Value; 2] {
    [
        json!({ "command": "getClient", "username": username }),
        json!({ "command": "getRole", "rolename": role_name(username) }),
    ]
}

/// Reads the two answers to [`look`].
pub(super) fn seen(client: Reply, role: Reply) -> Present {
    let client: Option<ListedClient> = client
        .ok()
        .and_then(|mut data| serde_json::from_value(data["client"].take()).ok());
    let role: Option<ListedRole> = role
        .ok()
        .and_then(|mut data| serde_json::from_value(data["role"].take()).ok());
    Present {
        enabled: client.as_ref().map(|client| !client.disabled),
        roles: client.map(ListedClient::role_names).unwrap_or_default(),
        acls: role.map(ListedRole::sorted_acls),
    }
}

/// The fewest commands that make the account what it is to be.
pub(super) fn grant(present: &Present, account: &NewAccount, acls: &[Acl]) -> Vec<Value> {
    let username = &account.username;
    let password = account.password.reveal();
    let Some(enabled) = present.enabled else {
        let mut commands = Vec::new();
        if present.acls.is_some() {
            commands.push(delete_role(username));
        }
        commands.push(create_role(username, acls));
        commands.push(json!({
            "command": "createClient", "username": username, "password": password,
            "roles": [{ "rolename": role_name(username) }],
        }));
        return commands;
    };
    let mut commands = rules(present, username, acls);
    commands.push(json!({ "command": "setClientPassword", "username": username, "password": password }));
    if !enabled {
        commands.push(let_in(username));
    }
    commands
}

/// The commands that give an account that exists exactly these ACLs; none when it has them. The role is made anew:
/// modifyRole reads memory it never wrote (2.0). It is taken from the account before it is deleted: deleteRole leaves
/// it in the account's list, and from then on the plugin answers with whatever lies there. Nobody sees the state
/// between, for a message is carried out whole.
pub(super) fn rules(present: &Present, username: &str, acls: &[Acl]) -> Vec<Value> {
    if present.has(username, acls) {
        return Vec::new();
    }
    let own = role_name(username);
    let mut commands: Vec<_> = present
        .roles
        .iter()
        .map(|role| json!({ "command": "removeClientRole", "username": username, "rolename": role }))
        .collect();
    if present.acls.is_some() {
        commands.push(delete_role(username));
    }
    commands.push(create_role(username, acls));
    commands.push(json!({ "command": "addClientRole", "username": username, "rolename": own }));
    commands
}

/// Keeps the account from connecting.
pub(super) fn shut_out(username: &str) -> Value {
    json!({ "command": "disableClient", "username": username })
}

/// Lets it connect again.
pub(super) fn let_in(username: &str) -> Value {
    json!({ "command": "enableClient", "username": username })
}

/// Forgets the account and its role.
pub(super) fn remove(username: &str) -> [Value; 2] {
    [
        json!({ "command": "deleteClient", "username": username }),
        delete_role(username),
    ]
}

/// One page of all accounts.
pub(super) fn list_clients(offset: usize, count: usize) -> Value {
    json!({ "command": "listClients", "verbose": true, "offset": offset, "count": count })
}

/// One page of all roles.
pub(super) fn list_roles(offset: usize, count: usize) -> Value {
    json!({ "command": "listRoles", "verbose": true, "offset": offset, "count": count })
}

fn create_role(username: &str, acls: &[Acl]) -> Value {
    json!({ "command": "createRole", "rolename": role_name(username), "acls": acls })
}

fn delete_role(username: &str) -> Value {
    json!({ "command": "deleteRole", "rolename": role_name(username) })
}

#[cfg(test)]
mod tests {
    use protocol::Password;

    use super::*;
    use crate::access::{Rule, dynsec};

    fn account() -> NewAccount {
        NewAccount {
            username: "AAAAALFW".to_owned(),
            password: Password::new("secret"),
            rules: vec![Rule::publish("a")],
        }
    }

    fn names(commands: &[Value]) -> Vec<&str> {
        commands
            .iter()
            .map(|command| command["command"].as_str().unwrap())
            .collect()
    }

    fn grant_to(present: &Present) -> Vec<Value> {
        grant(present, &account(), &dynsec::acls(&account().rules))
    }

    #[test]
    fn a_grant_takes_no_more_commands_than_it_must() {
        assert_eq!(
            names(&grant_to(&Present::default())),
            ["createRole", "createClient"]
        );
        let as_wanted = Present {
            enabled: Some(true),
            roles: [role_name("AAAAALFW")].into(),
            acls: Some(dynsec::acls(&account().rules)),
        };
        assert_eq!(names(&grant_to(&as_wanted)), ["setClientPassword"]);
        let shut_out_with_other_rules = Present {
            enabled: Some(false),
            roles: [role_name("AAAAALFW"), "admin".to_owned()].into(),
            acls: Some(Vec::new()),
        };
        assert_eq!(
            names(&grant_to(&shut_out_with_other_rules)),
            [
                "removeClientRole",
                "removeClientRole",
                "deleteRole",
                "createRole",
                "addClientRole",
                "setClientPassword",
                "enableClient"
            ]
        );
    }

    #[test]
    fn answers_are_told_apart() {
        let payload = r#"{"responses":[
            {"command":"getRole","correlationData":"7.1","error":"Role not found"},
            {"command":"getClient","correlationData":"7.0","data":{"client":{"username":"X","disabled":true}}}]}"#;
        let mut found = replies(payload.as_bytes(), 7, 3).unwrap().into_iter();
        let present = seen(found.next().unwrap(), found.next().unwrap());
        assert_eq!((present.enabled, present.acls), (Some(false), None));
        assert!(found.next().unwrap().unwrap_err().contains("no answer"));
        assert_eq!(replies(payload.as_bytes(), 8, 3), None);
        assert_eq!(replies(b"{", 7, 3), None);
    }

    #[test]
    fn every_command_is_marked() {
        let text = String::from_utf8(message(3, vec![let_in("a"), shut_out("b")])).unwrap();
        assert!(text.contains(r#""correlationData":"3.0""#) && text.contains(r#""correlationData":"3.1""#));
    }
}
