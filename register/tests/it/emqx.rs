//! The files in `emqx/`: rules as the code has them, values as its README explains them.

use std::collections::BTreeMap;

use protocol::topic::Topics;
use register::access::{Action, Role};

const CONF: &str = include_str!("../../../emqx/emqx.conf");
const ACL: &str = include_str!("../../../emqx/acl.conf");
const NODES: [&str; 3] = [
    include_str!("../../../emqx/cluster/node1.env"),
    include_str!("../../../emqx/cluster/node2.env"),
    include_str!("../../../emqx/cluster/node3.env"),
];

/// The services' rules in the form of EMQX's file; what only Mosquitto understands is left out.
fn expected_acl() -> String {
    let topics = Topics::new("xjdy", "TCU");
    let mut lines = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| role.is_service()) {
        for (action, word) in [(Action::Publish, "publish"), (Action::Subscribe, "subscribe")] {
            let of_action: Vec<String> = role
                .rules(&topics)
                .iter()
                .filter(|rule| rule.action == action && !rule.topic.starts_with('$'))
                .map(|rule| format!("    \"{}\"", rule.topic))
                .collect();
            let who = format!("{{'and', [{{username, \"{role}\"}}, {{ipaddr, \"127.0.0.1\"}}]}}");
            lines.push(format!(
                "{{allow, {who}, {word}, [\n{}\n]}}.",
                of_action.join(",\n")
            ));
        }
    }
    lines.push("{deny, all}.".to_owned());
    lines.join("\n")
}

#[test]
fn the_file_of_rules_says_what_the_roles_may() {
    let rules: Vec<&str> = ACL
        .lines()
        .filter(|line| !line.starts_with("%%") && !line.is_empty())
        .collect();
    assert_eq!(rules.join("\n"), expected_acl());
}

/// Every value under its path; enough of HOCON for this file, and anything else is a panic.
fn flatten(text: &str) -> BTreeMap<String, String> {
    let (mut values, mut path) = (BTreeMap::new(), Vec::<String>::new());
    let mut indices = Vec::<usize>::new();
    for line in text.lines() {
        let line = line.trim().trim_end_matches(',');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(key) = line.strip_suffix('[').map(|k| k.trim_end_matches([' ', '='])) {
            path.push(key.to_owned());
            indices.push(0);
        } else if line == "{" {
            let index = indices.last_mut().expect("an object without a key is in a list");
            *index += 1;
            path.push(index.to_string());
        } else if let Some(key) = line.strip_suffix('{') {
            path.push(key.trim().to_owned());
        } else if line == "}" {
            path.pop().expect("a brace too many");
        } else if line == "]" {
            path.pop().expect("a bracket too many");
            indices.pop();
        } else {
            let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
            assert_eq!(value.matches('"').count() % 2, 0, "{line}");
            let full = format!("{}.{key}", path.join("."));
            let full = full.trim_start_matches('.').replace('"', "");
            let former = values.insert(full, value.replace('"', ""));
            assert!(former.is_none(), "{line} is there twice");
        }
    }
    assert!(path.is_empty(), "not closed: {path:?}");
    values
}

#[test]
fn the_configuration_says_what_its_readme_explains() {
    let values = flatten(CONF);
    for (key, value) in [
        ("listeners.tcp.default.bind", "0.0.0.0:1883"),
        ("listeners.ssl.default.bind", "0.0.0.0:8883"),
        ("listeners.tcp.platform.bind", "127.0.0.1:2883"),
        ("listeners.ws.default.enable", "false"),
        ("listeners.wss.default.enable", "false"),
        ("dashboard.listeners.http.bind", "127.0.0.1:18083"),
        ("mqtt.shared_subscription_strategy", "hash_topic"),
        ("mqtt.max_inflight", "20000"),
        ("mqtt.session_expiry_interval", "2h"),
        ("mqtt.max_packet_size", "1MB"),
        ("force_shutdown.max_heap_size", "1GB"),
        ("authentication.1.backend", "http"),
        ("authentication.1.url", "http://127.0.0.1:8090/emqx/authenticate"),
        ("authentication.1.enable_pipelining", "1"),
        ("authorization.no_match", "deny"),
        ("authorization.sources.1.type", "http"),
        (
            "authorization.sources.1.url",
            "http://127.0.0.1:8090/emqx/authorize",
        ),
        ("authorization.sources.2.type", "file"),
    ] {
        assert_eq!(values.get(key).map(String::as_str), Some(value), "{key}");
    }
    // What the hooks read, and nothing that EMQX would leave as it stands.
    for hook in ["authentication.1.body", "authorization.sources.1.body"] {
        let body: Vec<_> = values.iter().filter(|(key, _)| key.starts_with(hook)).collect();
        assert!(
            body.iter()
                .all(|(_, value)| value.starts_with("${") && value.ends_with('}'))
        );
        let names: Vec<&str> = body
            .iter()
            .filter_map(|(key, _)| key.rsplit('.').next())
            .collect();
        let expected: &[&str] = match hook {
            "authentication.1.body" => &["clientid", "cn", "password", "peerhost", "username"],
            _ => &[
                "action", "clientid", "peerhost", "qos", "retain", "topic", "username",
            ],
        };
        assert_eq!(names, expected);
    }
    let port = register::DEFAULTS.contains("listen = \"127.0.0.1:8090\"");
    assert!(port, "the hooks are where register listens by default");
}

#[test]
fn the_nodes_differ_in_their_name_only() {
    let settings = |node: &'static str| -> Vec<&'static str> {
        let lines = node.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter(|line| !line.starts_with("EMQX_NODE__NAME="))
            .collect()
    };
    for (number, node) in NODES.into_iter().enumerate() {
        assert_eq!(settings(node), settings(NODES[0]));
        let name = format!("emqx@10.0.0.1{}", number + 1);
        assert!(node.contains(&format!("EMQX_NODE__NAME={name}\n")));
        let seeds = node.lines().find(|line| line.contains("SEEDS")).unwrap();
        assert!(seeds.contains(&name), "{seeds}");
    }
}
