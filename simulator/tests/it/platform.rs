//! The smallest platform: hears every pile, confirms trade records by a rule, and keeps what it heard.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::topic::{Inbound, Topics};
use protocol::{Frame, Uplink, Uuid};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::broker::Broker;

/// Which sending of a record is confirmed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    Never,
    /// Counted from 1.
    From(u32),
}

#[derive(Default)]
pub(crate) struct Heard {
    /// Messages per 命令.
    pub(crate) commands: BTreeMap<String, u64>,
    /// Sendings per record.
    pub(crate) records: HashMap<(Uuid, String), u32>,
    /// The last status of each pile.
    pub(crate) status: HashMap<Uuid, String>,
    /// Logins, and what answers commands, in the order in which it came.
    pub(crate) said: Vec<Value>,
}

pub(crate) struct Platform {
    pub(crate) heard: Arc<Mutex<Heard>>,
    pub(crate) client: AsyncClient,
    task: JoinHandle<()>,
}

impl Platform {
    /// Subscribed when it returns.
    pub(crate) async fn start(broker: &Broker, rule: Rule) -> Self {
        let mut options = MqttOptions::new("platform", "127.0.0.1", broker.port());
        options.set_inflight(1000).set_max_packet_size(1 << 20, 1 << 20);
        let (client, mut events) = AsyncClient::new(options, 10_000);
        let (heard, ready) = (Arc::new(Mutex::new(Heard::default())), Arc::new(Notify::new()));
        let (kept, speaker, subscribed) = (Arc::clone(&heard), client.clone(), Arc::clone(&ready));
        let task = tokio::spawn(async move {
            let topics = Topics::new("xjdy", "TCU");
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        speaker
                            .try_subscribe("/xjdy/ops/v1/TCU/+/#", QoS::AtLeastOnce)
                            .unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => subscribed.notify_one(),
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        hear(&topics, &publish.topic, &publish.payload, rule, &kept, &speaker);
                    }
                    Ok(_) => {}
                    // The broker is restarted in some tests: try again until it is back.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        timeout(Duration::from_secs(10), ready.notified())
            .await
            .expect("subscribed in time");
        Self { heard, client, task }
    }

    pub(crate) fn count(&self, command: &str) -> u64 {
        self.heard
            .lock()
            .unwrap()
            .commands
            .get(command)
            .copied()
            .unwrap_or(0)
    }

    /// What 下载进度 has told.
    pub(crate) fn percents(&self) -> Vec<u64> {
        let heard = self.heard.lock().unwrap();
        let progress = heard.said.iter().filter(|one| one["命令"] == "下载进度");
        progress.filter_map(|one| one["进度"].as_u64()).collect()
    }

    pub(crate) fn first_login(&self) -> Value {
        let heard = self.heard.lock().unwrap();
        heard
            .said
            .iter()
            .find(|one| one["命令"] == "登录")
            .unwrap()
            .clone()
    }

    /// Waits until what was heard is as it should be.
    pub(crate) async fn wait_for(&self, what: &str, mut is_so: impl FnMut(&Heard) -> bool) {
        let seen = async {
            while !is_so(&self.heard.lock().unwrap()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(60), seen)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {what}"));
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn hear(
    topics: &Topics,
    topic: &str,
    payload: &[u8],
    rule: Rule,
    heard: &Mutex<Heard>,
    client: &AsyncClient,
) {
    let uuid = match topics.parse(topic) {
        Inbound::Msg(uuid) | Inbound::CmdResp(uuid, _) => uuid,
        Inbound::Status(uuid) => {
            heard
                .lock()
                .unwrap()
                .status
                .insert(uuid, String::from_utf8(payload.to_vec()).unwrap());
            return;
        }
        _ => return,
    };
    let frame = Frame::read(payload).unwrap();
    let message = frame.message().unwrap();
    let mut heard = heard.lock().unwrap();
    let is_kept = ["登录", "下载进度", "日志上传完成"].contains(&message.command());
    if is_kept || message.command().ends_with("应答") {
        // What firmware writes in GB18030 is counted only.
        heard.said.extend(serde_json::from_slice::<Value>(payload));
    }
    *heard.commands.entry(message.command().to_owned()).or_default() += 1;
    let Uplink::TradeRecord(record) = message else {
        return;
    };
    let number = record.trade_number.unwrap().into_owned();
    let sends = heard.records.entry((uuid, number.clone())).or_default();
    *sends += 1;
    if matches!(rule, Rule::From(first) if *sends >= first) {
        let reply = serde_json::json!({"命令": "充电记录确认", "reqid": record.common.reqid, "交易流水号": number, "结果": "成功"});
        client
            .try_publish(topics.cmd(uuid), QoS::AtLeastOnce, false, reply.to_string())
            .unwrap();
    }
}
