//! The accounts that are not piles, by what they are for.

use std::fmt;
use std::str::FromStr;

use protocol::topic::{Topics, shared};

use super::Rule;

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes in what piles say, answers them, carries commands.
    OpsTcu,
    /// Answers registrations, asks for a change of uuid, keeps Mosquitto's accounts.
    Register,
    /// Sends commands as jobs.
    Connector,
    /// Sends commands, watches conversations.
    Webserver,
    /// May publish and read as any pile and any service: made by `pile-ops` for one machine.
    Engineer,
    /// Reads what piles and platform say to each other.
    Staff,
    /// Staff who have been granted to publish commands by hand.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::OpsTcu,
        Self::Register,
        Self::Connector,
        Self::Webserver,
        Self::Engineer,
        Self::Staff,
        Self::Operator,
    ];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpsTcu => "ops_tcu",
            Self::Register => "register",
            Self::Connector => "connector",
            Self::Webserver => "webserver",
            Self::Engineer => "engineer",
            Self::Staff => "staff",
            Self::Operator => "operator",
        }
    }

    /// A service of the platform, whose account no person may make or change over the interface.
    pub const fn is_service(self) -> bool {
        matches!(
            self,
            Self::OpsTcu | Self::Register | Self::Connector | Self::Webserver
        )
    }

    /// What it may do. `$share/…` forms are listed beside the plain ones because Mosquitto compares them as
    /// written; EMQX strips the group before it asks.
    pub fn rules(self, topics: &Topics) -> Vec<Rule> {
        let read = |filter: String| {
            [
                Rule::subscribe(shared(self.as_str(), &filter)),
                Rule::subscribe(filter),
            ]
        };
        let commands = || {
            vec![
                Rule::publish(topics.proxy_cmd_filter()),
                Rule::subscribe(topics.proxy_resp_filter()),
            ]
        };
        match self {
            Self::OpsTcu => [
                read(topics.msg_filter()),
                read(topics.cmd_resp_filter()),
                read(topics.status_filter()),
                read(topics.proxy_cmd_filter()),
            ]
            .into_iter()
            .flatten()
            .chain([
                Rule::publish(topics.cmd_filter()),
                Rule::publish(topics.proxy_resp_filter()),
            ])
            .collect(),
            Self::Register => read(topics.register().to_owned())
                .into_iter()
                .chain(commands())
                .chain([
                    Rule::publish(topics.register_result_filter()),
                    Rule::publish("$CONTROL/dynamic-security/v1"),
                    Rule::subscribe("$CONTROL/dynamic-security/v1/response"),
                ])
                .collect(),
            Self::Connector => commands(),
            Self::Webserver => commands()
                .into_iter()
                .chain([Rule::subscribe(topics.device_filter())])
                .collect(),
            Self::Engineer => {
                let all = topics.organization_filter();
                vec![Rule::publish(&all), Rule::subscribe(all)]
            }
            Self::Staff => vec![Rule::subscribe(topics.device_filter())],
            Self::Operator => vec![
                Rule::subscribe(topics.device_filter()),
                Rule::publish(topics.cmd_filter()),
            ],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|role| role.as_str()).collect();
                format!("`{text}` is no role; the roles are {}", known.join(", "))
            })
    }
}
