//! One permission on one topic filter.

use protocol::{Uuid, topic::Topics};

/// Whether the rule lets in or keeps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Lets in.
    Allow,
    /// Keeps out.
    Deny,
}

/// What the rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Publishing on a topic that the filter matches.
    Publish,
    /// Subscribing to it, and receiving what comes.
    Subscribe,
}

/// One permission. The first rule that matches decides; no rule means no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Lets in or keeps out.
    pub permission: Permission,
    /// What it is about.
    pub action: Action,
    /// Topic filter.
    pub topic: String,
    /// The topic stands for itself: a `+` in it matches only a `+` (EMQX calls this `eq`).
    pub literal: bool,
}

impl Rule {
    /// May publish on what the filter matches.
    pub fn publish(topic: impl Into<String>) -> Self {
        Self::new(Permission::Allow, Action::Publish, topic, false)
    }

    /// May subscribe to the filter and whatever is within it.
    pub fn subscribe(topic: impl Into<String>) -> Self {
        Self::new(Permission::Allow, Action::Subscribe, topic, false)
    }

    /// May not subscribe to exactly this filter.
    pub fn refuse_filter(topic: impl Into<String>) -> Self {
        Self::new(Permission::Deny, Action::Subscribe, topic, true)
    }

    fn new(permission: Permission, action: Action, topic: impl Into<String>, literal: bool) -> Self {
        Self {
            permission,
            action,
            topic: topic.into(),
            literal,
        }
    }
}

/// A pile: publishes only under its own uuid, reads only its own commands. While its uuid is being changed, both.
pub fn pile(topics: &Topics, uuid: Uuid, former: Option<Uuid>) -> Vec<Rule> {
    let under = |uuid| {
        [
            Rule::publish(topics.msg(uuid)),
            Rule::publish(topics.cmd_resp(uuid, "+")),
            Rule::publish(topics.status(uuid)),
            Rule::subscribe(topics.cmd(uuid)),
        ]
    };
    under(uuid)
        .into_iter()
        .chain(former.into_iter().flat_map(under))
        .collect()
}

/// A client without credentials: asks for registration and reads one result, never all of them, for they hold
/// passwords.
pub fn newcomer(topics: &Topics) -> Vec<Rule> {
    let results = topics.register_result_filter();
    vec![
        Rule::refuse_filter(results.replace('+', "#")),
        Rule::refuse_filter(&results),
        Rule::publish(topics.register()),
        Rule::subscribe(results),
    ]
}
