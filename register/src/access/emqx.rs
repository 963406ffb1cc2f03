//! Rules as the ACL list in an authentication answer to EMQX (since 5.8): checked in order, before its other
//! sources, so that no publish costs a request.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{Action, Permission, Rule};

/// One entry of EMQX's list.
struct Entry<'a> {
    permission: Permission,
    action: &'static str,
    topic: &'a str,
    literal: bool,
}

/// Without it, what no rule matches would be asked of the next source.
const NOTHING_ELSE: Entry<'static> = Entry {
    permission: Permission::Deny,
    action: "all",
    topic: "#",
    literal: false,
};

/// The rules, and nothing else, as a list in JSON.
pub fn acl(rules: &[Rule]) -> impl Serialize + use<'_> {
    Acl(rules)
}

struct Acl<'a>(&'a [Rule]);

impl Serialize for Acl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self
            .0
            .iter()
            .filter(|rule| is_for_emqx(&rule.topic))
            .map(Entry::of);
        serializer.collect_seq(entries.chain([NOTHING_ELSE]))
    }
}

/// EMQX asks about a shared subscription without its `$share/group/`, and has no `$CONTROL`: those rules are
/// Mosquitto's.
fn is_for_emqx(topic: &str) -> bool {
    !topic.starts_with("$share/") && !topic.starts_with("$CONTROL/")
}

impl<'a> Entry<'a> {
    fn of(rule: &'a Rule) -> Self {
        Self {
            permission: rule.permission,
            action: match rule.action {
                Action::Publish => "publish",
                Action::Subscribe => "subscribe",
            },
            topic: &rule.topic,
            literal: rule.literal,
        }
    }
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("Entry", 3)?;
        let permission = match self.permission {
            Permission::Allow => "allow",
            Permission::Deny => "deny",
        };
        entry.serialize_field("permission", permission)?;
        entry.serialize_field("action", self.action)?;
        match self.literal {
            true => entry.serialize_field("topic", &format_args!("eq {}", self.topic))?,
            false => entry.serialize_field("topic", self.topic)?,
        }
        entry.end()
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Uuid, topic::Topics};

    use super::super::{Role, newcomer, pile};
    use super::*;

    fn json(rules: &[Rule]) -> serde_json::Value {
        serde_json::to_value(acl(rules)).unwrap()
    }

    #[test]
    fn a_pile_may_use_its_own_topics_and_nothing_else() {
        let topics = Topics::new("xjdy", "TCU");
        let rules = pile(&topics, Uuid::parse("AAAAALFW").unwrap(), None);
        let of = |action: &str, topic: &str| serde_json::json!({"permission": "allow", "action": action, "topic": topic});
        let expected = serde_json::json!([
            of("publish", "/xjdy/ops/v1/TCU/AAAAALFW/msg"),
            of("publish", "/xjdy/ops/v1/TCU/AAAAALFW/cmd_resp/+"),
            of("publish", "/xjdy/ops/v1/TCU/AAAAALFW/status"),
            of("subscribe", "/xjdy/ops/v1/TCU/AAAAALFW/cmd"),
            {"permission": "deny", "action": "all", "topic": "#"},
        ]);
        assert_eq!(json(&rules), expected);
    }

    #[test]
    fn a_literal_rule_is_an_eq_topic() {
        let topics = Topics::new("xjdy", "TCU");
        let entries = json(&newcomer(&topics));
        assert_eq!(entries[0]["topic"], "eq /xjdy/注册ops/v1/注册结果/#");
        assert_eq!(entries[1]["topic"], "eq /xjdy/注册ops/v1/注册结果/+");
        assert_eq!(entries[1]["permission"], "deny");
    }

    #[test]
    fn what_only_mosquitto_understands_is_left_out_and_every_list_ends_the_same() {
        let topics = Topics::new("xjdy", "TCU");
        for role in Role::ALL {
            let entries = json(&role.rules(&topics));
            let text = entries.to_string();
            assert!(!text.contains("$share") && !text.contains("$CONTROL"), "{text}");
            let last = entries.as_array().and_then(|list| list.last()).unwrap();
            assert_eq!(
                *last,
                serde_json::json!({"permission": "deny", "action": "all", "topic": "#"})
            );
        }
    }
}
