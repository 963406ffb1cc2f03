//! Where messages travel: `/{org}/ops/v1/{kind}/{uuid}/…`, the leading slash being part of the topic.

use crate::Uuid;

/// The topics of one organisation (`xjdy`) and one kind of device (`TCU`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// `/{org}/ops/v1/{kind}/`
    device: String,
    /// `/{org}/ops/v1/PXY/`
    proxy: String,
    /// `/{org}/注册ops/v1`
    register: String,
    /// `/{org}/`
    organization: String,
}

/// What a topic says about the message that came on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// An uplink message.
    Msg(Uuid),
    /// An answer on its own topic, with the last level of the topic.
    CmdResp(Uuid, &'a str),
    /// Online or, as the last will, offline.
    Status(Uuid),
    /// A command for a pile from inside the platform.
    ProxyCmd(Uuid),
    /// The outcome of a proxied command.
    ProxyResp(Uuid),
    /// A command or reply to a pile.
    Cmd(Uuid),
    /// A registration request.
    Register,
    /// The result of a registration, with the serial number.
    RegisterResult(&'a str),
    /// One of our topics, but this is no uuid.
    BadUuid(&'a str),
    /// None of our topics.
    Foreign,
}

impl Topics {
    /// Topics of an organisation and a kind of device.
    pub fn new(org: &str, kind: &str) -> Self {
        Self {
            device: format!("/{org}/ops/v1/{kind}/"),
            proxy: format!("/{org}/ops/v1/PXY/"),
            register: format!("/{org}/注册ops/v1"),
            organization: format!("/{org}/"),
        }
    }

    /// Understands the topic of a received message.
    pub fn parse<'a>(&self, topic: &'a str) -> Inbound<'a> {
        if let Some(rest) = topic.strip_prefix(self.device.as_str()) {
            return with_uuid(rest, |uuid, level| match level {
                "msg" => Inbound::Msg(uuid),
                "status" => Inbound::Status(uuid),
                "cmd" => Inbound::Cmd(uuid),
                _ => match level.strip_prefix("cmd_resp/") {
                    Some(name) if !name.contains('/') => Inbound::CmdResp(uuid, name),
                    _ => Inbound::Foreign,
                },
            });
        }
        if let Some(rest) = topic.strip_prefix(self.proxy.as_str()) {
            return with_uuid(rest, |uuid, level| match level {
                "cmd" => Inbound::ProxyCmd(uuid),
                "resp" => Inbound::ProxyResp(uuid),
                _ => Inbound::Foreign,
            });
        }
        match topic.strip_prefix(self.register.as_str()) {
            Some("") => Inbound::Register,
            Some(rest) => match rest.strip_prefix("/注册结果/") {
                Some(sn) if !sn.is_empty() && !sn.contains('/') => Inbound::RegisterResult(sn),
                _ => Inbound::Foreign,
            },
            None => Inbound::Foreign,
        }
    }

    /// Uplink messages of one pile.
    pub fn msg(&self, uuid: Uuid) -> String {
        format!("{}{uuid}/msg", self.device)
    }

    /// Commands and replies to one pile.
    pub fn cmd(&self, uuid: Uuid) -> String {
        format!("{}{uuid}/cmd", self.device)
    }

    /// Answers of one pile to the command `name`.
    pub fn cmd_resp(&self, uuid: Uuid, name: &str) -> String {
        format!("{}{uuid}/cmd_resp/{name}", self.device)
    }

    /// The retained presence of one pile.
    pub fn status(&self, uuid: Uuid) -> String {
        format!("{}{uuid}/status", self.device)
    }

    /// Commands for one pile from inside the platform.
    pub fn proxy_cmd(&self, uuid: Uuid) -> String {
        format!("{}{uuid}/cmd", self.proxy)
    }

    /// Outcomes of proxied commands of one pile.
    pub fn proxy_resp(&self, uuid: Uuid) -> String {
        format!("{}{uuid}/resp", self.proxy)
    }

    /// Registration requests.
    pub fn register(&self) -> &str {
        &self.register
    }

    /// The result of the registration of a serial number.
    pub fn register_result(&self, sn: &str) -> String {
        format!("{}/注册结果/{sn}", self.register)
    }

    /// Filter for the uplink messages of all piles.
    pub fn msg_filter(&self) -> String {
        format!("{}+/msg", self.device)
    }

    /// Filter for the answers of all piles on their own topics.
    pub fn cmd_resp_filter(&self) -> String {
        format!("{}+/cmd_resp/+", self.device)
    }

    /// Filter for the presence of all piles.
    pub fn status_filter(&self) -> String {
        format!("{}+/status", self.device)
    }

    /// Filter for the commands and replies to all piles.
    pub fn cmd_filter(&self) -> String {
        format!("{}+/cmd", self.device)
    }

    /// Filter for every topic of the organisation.
    pub fn organization_filter(&self) -> String {
        format!("{}#", self.organization)
    }

    /// Filter for everything from and to all piles.
    pub fn device_filter(&self) -> String {
        format!("{}#", self.device)
    }

    /// Filter for the results of all registrations: they hold passwords.
    pub fn register_result_filter(&self) -> String {
        format!("{}/注册结果/+", self.register)
    }

    /// Filter for proxied commands to all piles.
    pub fn proxy_cmd_filter(&self) -> String {
        format!("{}+/cmd", self.proxy)
    }

    /// Filter for the outcomes of proxied commands of all piles.
    pub fn proxy_resp_filter(&self) -> String {
        format!("{}+/resp", self.proxy)
    }
}

/// A shared subscription: `$share/{group}/{filter}`; the filter's own slash follows the group's.
pub fn shared(group: &str, filter: &str) -> String {
    format!("$share/{group}/{filter}")
}

fn with_uuid<'a>(rest: &'a str, then: impl Fn(Uuid, &'a str) -> Inbound<'a>) -> Inbound<'a> {
    let Some((name, level)) = rest.split_once('/') else {
        return Inbound::Foreign;
    };
    match Uuid::parse(name) {
        Ok(uuid) => then(uuid, level),
        Err(_) => Inbound::BadUuid(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics() -> Topics {
        Topics::new("xjdy", "TCU")
    }

    #[test]
    fn every_built_topic_is_understood() {
        let (topics, uuid) = (topics(), Uuid::parse("AAAAALFW").unwrap());
        let cases = [
            (topics.msg(uuid), Inbound::Msg(uuid)),
            (topics.cmd(uuid), Inbound::Cmd(uuid)),
            (topics.cmd_resp(uuid, "重启"), Inbound::CmdResp(uuid, "重启")),
            (topics.status(uuid), Inbound::Status(uuid)),
            (topics.proxy_cmd(uuid), Inbound::ProxyCmd(uuid)),
            (topics.proxy_resp(uuid), Inbound::ProxyResp(uuid)),
            (topics.register().to_owned(), Inbound::Register),
            (topics.register_result("SN1"), Inbound::RegisterResult("SN1")),
        ];
        for (topic, inbound) in &cases {
            assert_eq!(topics.parse(topic), *inbound, "{topic}");
        }
    }

    #[test]
    fn as_in_the_field() {
        let topics = topics();
        let uuid = Uuid::parse("AAAAALFW").unwrap();
        assert_eq!(topics.cmd(uuid), "/xjdy/ops/v1/TCU/AAAAALFW/cmd");
        assert_eq!(topics.register(), "/xjdy/注册ops/v1");
        assert_eq!(topics.register_result("S"), "/xjdy/注册ops/v1/注册结果/S");
        assert_eq!(
            shared("ops_tcu", &topics.msg_filter()),
            "$share/ops_tcu//xjdy/ops/v1/TCU/+/msg"
        );
    }

    #[test]
    fn strangers() {
        let topics = topics();
        assert_eq!(
            topics.parse("/xjdy/ops/v1/TCU/aaaaalfw/msg"),
            Inbound::BadUuid("aaaaalfw")
        );
        assert_eq!(topics.parse("/xjdy/ops/v1/TCU//msg"), Inbound::BadUuid(""));
        for foreign in [
            "",
            "/",
            "xjdy/ops/v1/TCU/AAAAALFW/msg",
            "/xjdy/ops/v1/TCU/AAAAALFW",
            "/xjdy/ops/v1/TCU/AAAAALFW/msg/",
            "/xjdy/ops/v1/TCU/AAAAALFW/cmd_resp",
            "/xjdy/ops/v1/TCU/AAAAALFW/cmd_resp/a/b",
            "/xjdy/ops/v1/XXX/AAAAALFW/msg",
            "/xjdy/注册ops/v1/注册结果/",
            "/xjdy/注册ops/v11",
        ] {
            assert_eq!(topics.parse(foreign), Inbound::Foreign, "{foreign}");
        }
    }
}
