//! Piles for the tests of commands: assets of two trees of organizations, a real ops_tcu behind the broker, and a
//! client that speaks for the piles.

use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client as Http, rt::TokioExecutor};
use serde_json::{Value, json};
use store::table::{asset::Asset, organization_station::OrganizationStation};
use testkit::{MqttClient, Stack, WorkspaceProcess, wait_until};

use crate::world::{Client, EAST, FOREIGN, GROUP, World};

/// Long enough for anything on a busy machine.
pub(crate) const LATER: Duration = Duration::from_secs(90);

/// At station 2001, which 集团 and 华东 have.
pub(crate) const PILE: u64 = 3001;
pub(crate) const UUID: &str = "AAAAAAAB";
/// At station 2001 too.
pub(crate) const SECOND: u64 = 3002;
pub(crate) const SECOND_UUID: &str = "AAAAAAAC";
/// At station 2002, which 外部 has.
pub(crate) const THEIRS: u64 = 3003;
pub(crate) const THEIR_UUID: &str = "AAAAAAAD";

/// Stations and assets.
pub(crate) async fn furnish(world: &World) -> anyhow::Result<()> {
    world.stations(2).await?;
    let grant = |organization_id, sta_id| OrganizationStation {
        timestamp: 1,
        organization_id,
        sta_id,
        ..OrganizationStation::default()
    };
    world
        .insert(&[grant(GROUP, 2001), grant(EAST, 2001), grant(FOREIGN, 2002)])
        .await?;
    let pile = |device_id, name, sta_id| Asset {
        timestamp: 1,
        device_id,
        sta_id,
        name,
        model: "DC-120",
        ass_name: name,
        ..Asset::default()
    };
    world
        .insert(&[
            pile(PILE, UUID, 2001),
            pile(SECOND, SECOND_UUID, 2001),
            pile(THEIRS, THEIR_UUID, 2002),
        ])
        .await
}

/// The web server's own connection to the broker is up: commands go out.
pub(crate) async fn until_connected(client: &Client) -> anyhow::Result<()> {
    // Of a pile that has no asset nothing goes out, whether or not the broker is there: so a real one is asked.
    wait_until(LATER, async || {
        let body = json!({ "device_id": PILE, "command_id": "none" });
        client
            .post("/command/cancel", &body)
            .await
            .is_ok_and(|reply| reply.status == 200)
    })
    .await
}

/// A running ops_tcu, ready to take messages in.
pub(crate) async fn ops_tcu(stack: &Stack) -> anyhow::Result<WorkspaceProcess> {
    let file = stack.folder().join("ops_tcu.toml");
    let folder = stack.folder().display();
    let text = format!(
        "[mqtt]\nbrokers = [\"127.0.0.1:{}\"]\n[worker]\nshards = 2\n[wal]\ndir = \"{folder}/wal\"\n\
         segment_age = \"200ms\"\n[clickhouse]\nurl = \"{}\"\ndatabase = \"{}\"\n[redis]\nurl = \"{}\"\n\
         [telemetry]\nlisten = \"127.0.0.1:0\"\n[log]\nformat = \"json\"\n",
        stack.mqtt_port(),
        stack.clickhouse_url(),
        stack.database(),
        stack.redis_url(),
    );
    std::fs::write(&file, text)?;
    let arguments = ["--config".to_owned(), file.display().to_string()];
    let log = stack.folder().join("ops_tcu.log");
    let process = WorkspaceProcess::spawn("ops_tcu", "ops_tcu", arguments, [], log).await?;
    let address = || {
        let line = testkit::logged(&process.output(), "ops_tcu starts")?;
        line["address"].as_str().map(str::to_owned)
    };
    wait_until(LATER, async || address().is_some())
        .await
        .with_context(|| process.output())?;
    let address = address().unwrap_or_default();
    let http = Http::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let ready = format!("http://{address}/health/ready");
    wait_until(LATER, async || {
        let asked = http.get(ready.parse().expect("an address")).await;
        asked.is_ok_and(|response| response.status() == 200)
    })
    .await
    .with_context(|| process.output())?;
    Ok(process)
}

/// A running connector. It need not be waited for: it finds what there is to do when it is ready.
pub(crate) async fn connector(stack: &Stack) -> anyhow::Result<WorkspaceProcess> {
    let file = stack.folder().join("connector.toml");
    let text = format!(
        "[mqtt]\nbroker = \"127.0.0.1:{}\"\nusername = \"\"\n[clickhouse]\nurl = \"{}\"\ndatabase = \"{}\"\n\
         [redis]\nurl = \"{}\"\n[telemetry]\nlisten = \"127.0.0.1:0\"\n",
        stack.mqtt_port(),
        stack.clickhouse_url(),
        stack.database(),
        stack.redis_url(),
    );
    std::fs::write(&file, text)?;
    let arguments = ["--config".to_owned(), file.display().to_string()];
    let log = stack.folder().join("connector.log");
    WorkspaceProcess::spawn("connector", "connector", arguments, [], log).await
}

/// A client that is the pile: it has logged in and hears its commands.
pub(crate) async fn log_in(stack: &Stack, uuid: &str) -> anyhow::Result<MqttClient> {
    let mut pile = stack.mqtt(uuid).await?;
    pile.subscribe(&cmd(uuid)).await?;
    let login = json!({
        "命令": "登录", "reqid": 1, "系统时间": "2026-11-21 10:00:00+0800", "软件版本": "1.0.7", "硬件版本": "A",
        "型号": "DC-120", "出厂编号": uuid, "枪数量": 2, "SIM卡号": "8986", "运营商": "移动", "信号强度_dBm": -70,
    });
    pile.publish(&msg(uuid), login.to_string()).await?;
    let heard = |payload: &[u8]| String::from_utf8_lossy(payload).contains("登录应答");
    pile.expect(&cmd(uuid), heard, LATER).await?;
    Ok(pile)
}

/// The next command of this kind that the pile hears.
pub(crate) async fn hear(pile: &mut MqttClient, uuid: &str, command: &str) -> anyhow::Result<Value> {
    let is_it =
        |payload: &[u8]| serde_json::from_slice::<Value>(payload).is_ok_and(|said| said["命令"] == command);
    let heard = pile.expect(&cmd(uuid), is_it, LATER).await?;
    Ok(serde_json::from_slice(&heard.payload)?)
}

/// The pile answers a command with 成功 and these fields.
pub(crate) async fn answer(
    pile: &mut MqttClient,
    uuid: &str,
    command: &Value,
    mut fields: Value,
) -> anyhow::Result<()> {
    let name = command["命令"].as_str().context("a command has a name")?;
    fields["命令"] = format!("{name}应答").into();
    fields["reqid"] = command["reqid"].clone();
    fields["结果"] = "成功".into();
    pile.publish(&msg(uuid), fields.to_string()).await
}

fn cmd(uuid: &str) -> String {
    format!("/xjdy/ops/v1/TCU/{uuid}/cmd")
}

fn msg(uuid: &str) -> String {
    format!("/xjdy/ops/v1/TCU/{uuid}/msg")
}

/// A stream of server-sent events.
pub(crate) struct Events {
    body: hyper::body::Incoming,
    held: String,
}

impl Events {
    pub(crate) async fn open(world: &World, client: &Client, path: &str) -> anyhow::Result<Self> {
        let http = Http::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let request = axum::http::Request::builder()
            .uri(format!("{}{path}", world.server.base()))
            .header("authorization", format!("Bearer {}", client.token))
            .body(Empty::new())?;
        let response = http.request(request).await?;
        anyhow::ensure!(response.status() == 200, "{}", response.status());
        Ok(Self {
            body: response.into_body(),
            held: String::new(),
        })
    }

    /// The data of the next event of this name that the condition wants.
    pub(crate) async fn next(
        &mut self,
        name: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let reading = async {
            loop {
                while let Some((event, rest)) = self.held.split_once("\n\n") {
                    let line = |prefix: &str| {
                        event
                            .lines()
                            .find_map(|line| line.strip_prefix(prefix))
                            .unwrap_or_default()
                            .trim()
                            .to_owned()
                    };
                    let (is, data) = (line("event:"), line("data:"));
                    self.held = rest.to_owned();
                    let data: Value = serde_json::from_str(&data).unwrap_or_default();
                    if is == name && wanted(&data) {
                        return Ok(data);
                    }
                }
                let frame = self.body.frame().await.context("the stream has ended")??;
                if let Ok(bytes) = frame.into_data() {
                    self.held.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
        };
        tokio::time::timeout(LATER, reading)
            .await
            .context("no such event")?
    }
}
