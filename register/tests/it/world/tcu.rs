//! Newcomers: TCUs that ask for registration and hear their results.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use protocol::reply::RegisterResult;
use protocol::topic::Topics;
use protocol::{Outcome, Reply};
use serde_json::json;
use testkit::{MqttClient, Stack};
use tokio::time::Instant;

use super::SOON;

/// A result as the TCU hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The reqid of what it answers.
    pub(crate) reqid: u32,
    /// What it says.
    pub(crate) result: RegisterResult,
}

impl Answer {
    /// The uuid that was granted.
    ///
    /// # Panics
    /// If none was.
    pub(crate) fn uuid(&self) -> String {
        assert_eq!(self.result.outcome, Outcome::Success, "{:?}", self.result);
        self.result.uuid.unwrap().to_string()
    }

    /// The password that was granted.
    pub(crate) fn password(&self) -> String {
        self.result.password.clone().unwrap().reveal().to_owned()
    }

    /// Why nothing was granted.
    pub(crate) fn reason(&self) -> &str {
        self.result.reason.as_deref().unwrap_or_default()
    }
}

/// A request of a listed model.
pub(crate) fn request(sn: &str, reqid: u32) -> Vec<u8> {
    json!({"命令": "注册申请", "reqid": reqid, "出厂编号": sn, "型号": "DC-120", "合同号": "HT-1",
        "软件版本": "1.0.7", "SIM卡号": "898604"})
    .to_string()
    .into_bytes()
}

/// Some TCUs behind one connection.
pub(crate) struct Tcus {
    client: MqttClient,
    topics: Topics,
    reqid: u32,
    /// Everything that was heard, by serial number.
    pub(crate) heard: BTreeMap<String, Vec<Answer>>,
}

impl Tcus {
    /// Connects, and listens for the results of these serial numbers.
    pub(crate) async fn connect(stack: &Stack, client_id: &str, sns: &[String]) -> anyhow::Result<Self> {
        let mut tcus = Self {
            client: stack.mqtt(client_id).await?,
            topics: Topics::new("xjdy", "TCU"),
            reqid: 0,
            heard: BTreeMap::new(),
        };
        for sn in sns {
            tcus.listen(sn).await?;
        }
        Ok(tcus)
    }

    /// Listens for the results of one more.
    pub(crate) async fn listen(&mut self, sn: &str) -> anyhow::Result<()> {
        self.client.subscribe(&self.topics.register_result(sn)).await
    }

    /// Asks, without waiting for the result; gives the reqid.
    pub(crate) async fn ask(&mut self, sn: &str) -> anyhow::Result<u32> {
        self.reqid += 1;
        self.say(request(sn, self.reqid)).await?;
        Ok(self.reqid)
    }

    /// Publishes anything on the registration topic.
    pub(crate) async fn say(&mut self, payload: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        self.client.publish(self.topics.register(), payload).await
    }

    /// The next result for this serial number.
    pub(crate) async fn hear(&mut self, sn: &str, within: Duration) -> anyhow::Result<Answer> {
        let topic = self.topics.register_result(sn);
        let message = self.client.expect(&topic, |_| true, within).await?;
        let (reqid, reply) = Reply::parse(&message.payload)?;
        let Reply::RegisterResult(result) = reply else {
            anyhow::bail!("{reply:?}");
        };
        let answer = Answer { reqid, result };
        self.heard.entry(sn.to_owned()).or_default().push(answer.clone());
        Ok(answer)
    }

    /// Asks, and hears the result; a late one of an earlier request is passed over.
    pub(crate) async fn register(&mut self, sn: &str) -> anyhow::Result<Answer> {
        let reqid = self.ask(sn).await?;
        loop {
            let answer = self.hear(sn, SOON).await?;
            if answer.reqid == reqid {
                return Ok(answer);
            }
        }
    }

    /// Asks for all of them at once, and again those that hear nothing for `patience` or are refused, as TCUs do,
    /// until each has succeeded.
    pub(crate) async fn register_all(
        &mut self,
        sns: &[String],
        patience: Duration,
        within: Duration,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        let mut open: Vec<&String> = sns.iter().collect();
        while !open.is_empty() {
            anyhow::ensure!(
                Instant::now() < deadline,
                "without a uuid after {within:?}: {open:?}"
            );
            for sn in &open {
                self.ask(sn).await?;
            }
            let round = Instant::now() + patience;
            let mut left = Vec::new();
            for sn in open {
                if !self.succeeds(sn, round).await? {
                    left.push(sn);
                }
            }
            open = left;
        }
        Ok(())
    }

    async fn succeeds(&mut self, sn: &str, until: Instant) -> anyhow::Result<bool> {
        loop {
            let within = until.saturating_duration_since(Instant::now());
            match self.hear(sn, within).await {
                Ok(answer) if answer.result.outcome == Outcome::Success => return Ok(true),
                Ok(answer) => anyhow::ensure!(
                    answer.reason().ends_with("重试"),
                    "refused for good: {}",
                    answer.reason()
                ),
                Err(_) => return Ok(false),
            }
        }
    }

    /// Asks again, if the last answer said so.
    pub(crate) async fn ask_again_if_told(&mut self, sn: &str) -> anyhow::Result<()> {
        let told = |answer: &Answer| answer.reason().ends_with("重试");
        let last = self.heard.get_mut(sn).context("never asked")?;
        if last.last().is_some_and(told) {
            last.pop();
            self.ask(sn).await?;
        }
        Ok(())
    }

    /// Takes in what came unasked.
    pub(crate) fn listen_on(&mut self) -> anyhow::Result<()> {
        for message in self.client.received() {
            let sn = message.topic.rsplit('/').next().context("a topic")?;
            let (reqid, Reply::RegisterResult(result)) = Reply::parse(&message.payload)? else {
                continue;
            };
            self.heard
                .entry(sn.to_owned())
                .or_default()
                .push(Answer { reqid, result });
        }
        Ok(())
    }
}
