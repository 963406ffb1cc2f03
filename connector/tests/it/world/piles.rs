//! Piles over one connection: they log in, answer commands, and keep a book of what they were told.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::Uuid;
use protocol::topic::{Inbound, Topics};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use store::table::asset::AssetVersion;
use tokio::task::JoinHandle;

use super::{LATER, World, until};

/// What piles were told: by uuid, 命令 and reqid of each. What comes again under a reqid is the same command.
type Book = BTreeMap<String, HashSet<(String, u64)>>;

#[derive(Default)]
struct Shared {
    book: Mutex<Book>,
    /// Piles that hear and say nothing.
    deaf: Mutex<HashSet<String>>,
}

/// See the module; silent when dropped.
pub(crate) struct Piles {
    client: AsyncClient,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

/// Pile number `n`: its uuid. Its device id is the number.
pub(crate) fn uuid(n: u64) -> String {
    Uuid::from_counter(n).map_or_else(String::new, |uuid| uuid.to_string())
}

/// The asset of pile `n`.
pub(crate) fn asset(n: u64) -> AssetVersion {
    AssetVersion {
        timestamp: 1,
        device_id: n,
        model: "DC-120".into(),
        name: uuid(n),
        ..AssetVersion::default()
    }
}

impl Piles {
    /// Logs in the piles 1 to `count`.
    pub(crate) async fn start(world: &World, count: u64) -> anyhow::Result<Self> {
        Self::with_deaf(world, count, []).await
    }

    /// The same; those named are offline.
    pub(crate) async fn with_deaf(
        world: &World,
        count: u64,
        deaf: impl IntoIterator<Item = u64>,
    ) -> anyhow::Result<Self> {
        let mut options = MqttOptions::new("piles", "127.0.0.1", world.stack.mqtt_port());
        options
            .set_clean_session(false)
            .set_inflight(200)
            .set_max_packet_size(1 << 20, 1 << 20);
        let (client, events) = AsyncClient::new(options, 2_000);
        let shared = Arc::new(Shared::default());
        *shared.deaf.lock().expect("nobody panics here") = deaf.into_iter().map(uuid).collect();
        let piles = Self {
            listening: tokio::spawn(listen(events, client.clone(), shared.clone())),
            client,
            shared,
        };
        piles.log_in(world, count).await?;
        Ok(piles)
    }

    async fn log_in(&self, world: &World, count: u64) -> anyhow::Result<()> {
        let topics = topics();
        let deaf = self.shared.deaf.lock().expect("nobody panics here").clone();
        let awake: Vec<_> = (1..=count)
            .map(uuid)
            .filter(|uuid| !deaf.contains(uuid))
            .collect();
        for uuid in &awake {
            let login = json!({"命令": "登录", "reqid": 1, "系统时间": pile_time(), "软件版本": "1.0.7",
                "型号": "DC-120", "出厂编号": format!("SN{uuid}"), "枪数量": 1});
            let topic = topics.msg(Uuid::parse(uuid)?);
            self.client
                .publish(topic, QoS::AtLeastOnce, false, login.to_string())
                .await?;
        }
        until("the piles have logged in", LATER, async || {
            let logged_in = world
                .number("SELECT uniqExact(device_id) FROM login_record")
                .await;
            logged_in.is_ok_and(|piles| piles >= awake.len() as u64)
        })
        .await
    }

    /// How many different commands each pile was told.
    pub(crate) fn told(&self) -> Vec<(String, usize)> {
        let book = self.shared.book.lock().expect("nobody panics here");
        book.iter()
            .map(|(uuid, commands)| (uuid.clone(), commands.len()))
            .collect()
    }

    /// Commands told in all.
    pub(crate) fn commands(&self) -> usize {
        self.told().into_iter().map(|(_, commands)| commands).sum()
    }
}

impl Drop for Piles {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

pub(crate) fn topics() -> Topics {
    Topics::new("xjdy", "TCU")
}

fn pile_time() -> String {
    protocol::time::format(store::versioned::now())
}

async fn listen(mut events: EventLoop, client: AsyncClient, shared: Arc<Shared>) {
    let topics = topics();
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                if !ack.session_present {
                    let _ = client.try_subscribe(topics.cmd_filter(), QoS::AtLeastOnce);
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                if let Inbound::Cmd(uuid) = topics.parse(&publish.topic)
                    && let Some(answer) = take(&shared, uuid, &publish.payload)
                {
                    let _ = client.try_publish(topics.msg(uuid), QoS::AtLeastOnce, false, answer.to_string());
                }
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

/// What a pile says to a command; nothing to what is no command.
fn take(shared: &Shared, uuid: Uuid, payload: &[u8]) -> Option<Value> {
    let command: Value = serde_json::from_slice(payload).ok()?;
    let name = command["命令"].as_str()?;
    if !protocol::downlink::Downlink::COMMANDS.contains(&name) {
        return None;
    }
    let uuid = uuid.to_string();
    if shared.deaf.lock().expect("nobody panics here").contains(&uuid) {
        return None;
    }
    let reqid = command["reqid"].as_u64()?;
    let mut book = shared.book.lock().expect("nobody panics here");
    book.entry(uuid.clone())
        .or_default()
        .insert((name.to_owned(), reqid));
    let mut answer =
        json!({"命令": format!("{name}应答"), "reqid": reqid, "系统时间": pile_time(), "结果": "成功"});
    match name {
        "SIM卡召唤" => {
            answer["SIM卡号"] = json!(format!("8986{uuid}"));
            answer["运营商"] = json!("中国移动");
            answer["信号强度_dBm"] = json!("-71");
        }
        "软件版本查询" => {
            answer["软件版本"] = json!("1.0.7");
            answer["硬件版本"] = json!("H2");
        }
        "参数查询" => {
            answer["配置列表"] = json!([{"名称": "心跳周期_秒", "值": "30"}, {"名称": "音量", "值": "5"}])
        }
        _ => {}
    }
    Some(answer)
}
