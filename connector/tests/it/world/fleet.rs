//! Piles that take firmware: they fetch it (or only say so), restart with its version, and charge all the time.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use protocol::Uuid;
use protocol::topic::Inbound;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use store::versioned::now;
use tokio::task::JoinHandle;

use super::piles::{topics, uuid};
use super::{LATER, World, until};

/// What is wrong with a pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Hears and says nothing.
    Deaf,
    /// Says that the download failed.
    NoDownload,
    /// Comes back with the version that it had.
    KeepsVersion,
    /// Never comes back.
    StaysAway,
}

struct Pile {
    version: String,
    /// Of the last download.
    fetched: String,
    restarted: u32,
    commands: Vec<(String, u64)>,
}

struct Shared {
    piles: Mutex<BTreeMap<String, Pile>>,
    troubles: HashMap<String, Trouble>,
    /// The version with which most starts fail.
    bad: &'static str,
    client: AsyncClient,
}

/// See the module; silent when dropped.
pub(crate) struct Fleet {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Fleet {
    /// Logs in the piles 1 to `count` with version 1.0.7.
    pub(crate) async fn start(
        world: &World,
        count: u64,
        bad: &'static str,
        troubles: &[(u64, Trouble)],
    ) -> anyhow::Result<Self> {
        let mut options = MqttOptions::new("fleet", "127.0.0.1", world.stack.mqtt_port());
        options
            .set_clean_session(false)
            .set_inflight(200)
            .set_max_packet_size(1 << 20, 1 << 20);
        let (client, events) = AsyncClient::new(options, 5_000);
        let pile = |_| Pile {
            version: "1.0.7".into(),
            fetched: String::new(),
            restarted: 0,
            commands: Vec::new(),
        };
        let shared = Arc::new(Shared {
            piles: Mutex::new((1..=count).map(|nth| (uuid(nth), pile(nth))).collect()),
            troubles: troubles
                .iter()
                .map(|(nth, trouble)| (uuid(*nth), *trouble))
                .collect(),
            bad,
            client,
        });
        let listening = tokio::spawn(listen(events, shared.clone()));
        for nth in 1..=count {
            shared.log_in(&uuid(nth), "1.0.7").await;
        }
        let fleet = Self {
            tasks: vec![listening, tokio::spawn(charge(shared.clone()))],
            shared,
        };
        until("the fleet has logged in", LATER, async || {
            let sql = "SELECT uniqExact(device_id) FROM login_record";
            world.number(sql).await.is_ok_and(|piles| piles >= count)
        })
        .await?;
        Ok(fleet)
    }

    /// How many times each pile was told to update, by the number of the pile.
    pub(crate) fn updates(&self) -> Vec<usize> {
        self.count("更新程序并重启")
    }

    /// How many times each pile was told to fetch.
    pub(crate) fn downloads(&self) -> Vec<usize> {
        self.count("下载")
    }

    fn count(&self, command: &str) -> Vec<usize> {
        let piles = self.shared.lock();
        let told = |pile: &Pile| pile.commands.iter().filter(|(name, _)| name == command).count();
        piles.values().map(told).collect()
    }

    /// What each pile runs.
    pub(crate) fn versions(&self) -> Vec<String> {
        self.shared
            .lock()
            .values()
            .map(|pile| pile.version.clone())
            .collect()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Pile>> {
        self.piles.lock().expect("nobody panics here")
    }

    async fn say(&self, uuid: &str, message: Value) {
        if let Ok(uuid) = Uuid::parse(uuid) {
            let topic = topics().msg(uuid);
            let _ = self
                .client
                .publish(topic, QoS::AtLeastOnce, false, message.to_string())
                .await;
        }
    }

    async fn log_in(&self, uuid: &str, version: &str) {
        let login = json!({"命令": "登录", "reqid": 1, "系统时间": time(now()), "软件版本": format!("{version} "),
            "型号": "DC-120", "出厂编号": format!("SN{uuid}"), "枪数量": 1});
        self.say(uuid, login).await;
    }

    /// The answer to a command; none if it is not one, was had before, or the pile is deaf.
    fn answer(&self, uuid: &str, command: &Value) -> Option<Value> {
        let name = command["命令"].as_str()?;
        let reqid = command["reqid"].as_u64()?;
        if !protocol::downlink::Downlink::COMMANDS.contains(&name) {
            return None;
        }
        let trouble = self.troubles.get(uuid);
        let mut piles = self.lock();
        let pile = piles.get_mut(uuid)?;
        let told = (name.to_owned(), reqid);
        if pile.commands.contains(&told) {
            return None;
        }
        pile.commands.push(told);
        let mut answer =
            json!({"命令": format!("{name}应答"), "reqid": reqid, "系统时间": time(now()), "结果": "成功"});
        match (name, trouble) {
            (_, Some(Trouble::Deaf)) => return None,
            ("下载", Some(Trouble::NoDownload)) => {
                answer["结果"] = json!("失败");
                answer["失败原因"] = json!("MD5校验不通过");
            }
            ("下载", _) => command["版本号"].as_str()?.clone_into(&mut pile.fetched),
            ("更新程序并重启", _) => pile.restarted += 1,
            _ => {}
        }
        Some(answer)
    }

    /// The version with which a pile comes back, if it has been told to restart and does.
    fn restart(&self, uuid: &str) -> Option<String> {
        let mut piles = self.lock();
        let pile = piles.get_mut(uuid)?;
        if std::mem::take(&mut pile.restarted) == 0 {
            return None;
        }
        match self.troubles.get(uuid) {
            Some(Trouble::StaysAway) => return None,
            Some(Trouble::KeepsVersion) => {}
            _ => pile.version.clone_from(&pile.fetched),
        }
        Some(pile.version.clone())
    }
}

fn time(at: i64) -> String {
    protocol::time::format(at)
}

async fn listen(mut events: EventLoop, shared: Arc<Shared>) {
    let topics = topics();
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                if !ack.session_present {
                    let _ = shared.client.try_subscribe(topics.cmd_filter(), QoS::AtLeastOnce);
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let command = serde_json::from_slice::<Value>(&publish.payload);
                if let (Inbound::Cmd(uuid), Ok(command)) = (topics.parse(&publish.topic), command)
                    && let Some(answer) = shared.answer(&uuid.to_string(), &command)
                {
                    tokio::spawn(obey(shared.clone(), uuid.to_string(), answer));
                }
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

async fn obey(shared: Arc<Shared>, uuid: String, answer: Value) {
    shared.say(&uuid, answer).await;
    // The platform must not take the login for one before the update.
    tokio::time::sleep(Duration::from_millis(300)).await;
    if let Some(version) = shared.restart(&uuid) {
        shared.log_in(&uuid, &version).await;
    }
}

/// Every pile starts a charge about once a second; every 33rd start fails, and of a bad version two of three.
async fn charge(shared: Arc<Shared>) {
    let (mut tick, mut start) = (tokio::time::interval(Duration::from_secs(1)), 0u64);
    loop {
        tick.tick().await;
        let piles: Vec<_> = shared
            .lock()
            .iter()
            .map(|(uuid, pile)| (uuid.clone(), pile.version.clone()))
            .collect();
        for (uuid, version) in piles {
            start += 1;
            let fails = if version == shared.bad {
                start % 3 != 0
            } else {
                start % 33 == 0
            };
            let (from, number) = (now() + 1000, format!("{start:032}"));
            let message = if fails {
                json!({"命令": "启动失败原因", "reqid": start, "数据分区": "1枪数据", "系统时间": time(now()),
                    "产生时间": time(from), "交易流水号": number, "枪号": "1", "充电方式": "扫码",
                    "失败原因": "0X68:车辆原因-BRM报文接收超时"})
            } else {
                json!({"命令": "充电记录", "reqid": start, "数据分区": "1枪数据", "系统时间": time(now()),
                    "交易流水号": number, "枪号": "1", "开始时间": time(from), "结束时间": time(from + 180_000),
                    "充电电量_度": "3.5", "充电时长_分": "3", "停止原因": "用户停止"})
            };
            shared.say(&uuid, message).await;
        }
    }
}
