//! Logs: asked for, brought over FTP, read; and every way in which that fails ends with a reason.

use std::time::Duration;

use ftp::{Client, Target};
use protocol::Password;
use serde_json::{Value, json};
use sha2_of::sha256;
use store::table::log_file::{LogFile, State};
use store::table::{log_content, log_file};
use store::versioned::now;
use testkit::MqttClient;

use crate::ftp_site::Site;
use crate::world::{LATER, SOON, World, until, uuid};

const LOG: u64 = 41;
const TEXT: &str = "2025-03-12 19:16:46 枪1 启动充电 电压=239.977V\r\n";

mod sha2_of {
    pub(crate) fn sha256(bytes: &[u8]) -> String {
        hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
    }
}

/// The pile 1: it logs in and does as it is told, step by step.
struct Pile {
    mqtt: MqttClient,
}

impl Pile {
    async fn start(world: &World) -> anyhow::Result<Self> {
        let mut mqtt = world.stack.mqtt("pile").await?;
        mqtt.subscribe(&format!("/xjdy/ops/v1/TCU/{}/cmd", uuid(1)))
            .await?;
        let mut pile = Self { mqtt };
        pile.says(
            json!({"命令": "登录", "reqid": 1, "软件版本": "1.0.7", "型号": "DC-120", "出厂编号": "SN1"}),
        )
        .await?;
        Ok(pile)
    }

    async fn says(&mut self, message: Value) -> anyhow::Result<()> {
        let topic = format!("/xjdy/ops/v1/TCU/{}/msg", uuid(1));
        self.mqtt.publish(&topic, message.to_string()).await
    }

    /// The next 日志召唤.
    async fn hears(&mut self) -> anyhow::Result<Value> {
        let summons = |payload: &[u8]| {
            serde_json::from_slice::<Value>(payload).is_ok_and(|command| command["命令"] == "日志召唤")
        };
        let topic = format!("/xjdy/ops/v1/TCU/{}/cmd", uuid(1));
        let message = self.mqtt.expect(&topic, summons, LATER).await?;
        Ok(serde_json::from_slice(&message.payload)?)
    }

    async fn accepts(&mut self, command: &Value) -> anyhow::Result<()> {
        self.says(json!({"命令": "日志召唤应答", "reqid": command["reqid"], "结果": "成功"}))
            .await
    }

    async fn completes(&mut self, command: &Value, bytes: usize) -> anyhow::Result<()> {
        self.says(
            json!({"命令": "日志上传完成", "reqid": command["reqid"], "文件名": command["文件名"],
            "FTP路径": command["FTP路径"], "字节数": bytes.to_string(), "结果": "成功"}),
        )
        .await
    }
}

fn text(command: &Value, key: &str) -> String {
    command[key].as_str().unwrap_or_default().to_owned()
}

async fn ftp(command: &Value) -> anyhow::Result<Client> {
    let port = command["端口"].as_u64().unwrap_or_default() as u16;
    let password = Password::new(text(command, "密码"));
    let mut target = Target::new(
        text(command, "服务器地址"),
        port,
        text(command, "用户名"),
        password,
    );
    target.timeouts.control = SOON;
    target.timeouts.connect = SOON;
    target.timeouts.stalled = SOON;
    Ok(Client::connect(&target).await?)
}

async fn bring(command: &Value, bytes: &[u8]) -> anyhow::Result<()> {
    let mut client = ftp(command).await?;
    client.upload(&text(command, "FTP路径"), 0, &mut &*bytes).await?;
    client.quit().await;
    Ok(())
}

async fn ask_for(world: &World, lasts: Duration) -> anyhow::Result<()> {
    let log = LogFile {
        timestamp: now(),
        log_id: LOG,
        device_id: 1,
        uuid: uuid(1),
        file_name: "BillingGun1.0.log".into(),
        state: State::Requested.to_string(),
        created_by: "zhang".into(),
        created_time: now(),
        deadline: now() + lasts.as_millis() as i64,
        ..LogFile::default()
    };
    world.insert(&[log]).await?;
    world.wake("log").await
}

async fn row(world: &World) -> anyhow::Result<LogFile> {
    let found = log_file::by_id(&world.db, LOG).await?;
    found.ok_or_else(|| anyhow::anyhow!("the log's row is gone"))
}

/// Waits for the log's end, which must be this one.
async fn ends(world: &World, state: State) -> anyhow::Result<LogFile> {
    let over = async || {
        row(world)
            .await
            .is_ok_and(|log| log.state().is_some_and(State::is_final))
    };
    until("the log comes to its end", LATER, over).await?;
    let log = row(world).await?;
    anyhow::ensure!(log.state() == Some(state), "{log:?}\n{}", world.connector.log());
    anyhow::ensure!(log.finished_time > 0, "{log:?}");
    Ok(log)
}

async fn contents(world: &World, log: &LogFile) -> anyhow::Result<Vec<u8>> {
    Ok(log_content::read(&world.db, log.log_id, 0, log.chunks).await?)
}

async fn is_collected(site: Site) -> anyhow::Result<()> {
    let world = World::start_with(1, &site.settings).await?;
    let mut pile = Pile::start(&world).await?;
    ask_for(&world, LATER).await?;
    let command = pile.hears().await?;
    assert_eq!(
        command["FTP路径"],
        format!("/ops/{}/upload/log/BillingGun1.0.log", uuid(1))
    );
    assert_eq!(command["文件名"], "BillingGun1.0.log");
    pile.accepts(&command).await?;
    let lines = TEXT.repeat(5_000);
    let bytes = encoding_rs::GB18030.encode(&lines).0.into_owned();
    bring(&command, &bytes).await?;
    pile.completes(&command, bytes.len()).await?;
    let log = ends(&world, State::Collected).await?;
    assert_eq!((log.charset.as_str(), log.reason.as_str()), ("gb18030", ""));
    assert_eq!(
        (log.bytes, log.collected_bytes),
        (bytes.len() as u64, bytes.len() as u64)
    );
    assert_eq!((log.text_bytes, log.sha256), (lines.len() as u64, sha256(&bytes)));
    let log = row(&world).await?;
    assert!(contents(&world, &log).await? == lines.as_bytes());
    // Nothing is left where it came from.
    until("the log is removed from the server", SOON, async || {
        let Ok(mut client) = ftp(&command).await else {
            return true;
        };
        client
            .size(&text(&command, "FTP路径"))
            .await
            .is_ok_and(|size| size.is_none())
    })
    .await?;
    testkit::assert_log_is_clean(&world.connector.log());
    assert!(!world.connector.log().contains(&text(&command, "密码")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_collected_by_the_embedded_server() -> anyhow::Result<()> {
    is_collected(Site::embedded()?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_collected_from_vsftpd() -> anyhow::Result<()> {
    is_collected(Site::vsftpd().await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_nobody_announces_counts_after_a_while() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let world = World::start_with(1, &site.settings).await?;
    let mut pile = Pile::start(&world).await?;
    ask_for(&world, LATER).await?;
    let command = pile.hears().await?;
    bring(&command, TEXT.as_bytes()).await?;
    let log = ends(&world, State::Collected).await?;
    assert_eq!((log.charset.as_str(), log.bytes), ("utf-8", 0));
    assert_eq!(contents(&world, &log).await?, TEXT.as_bytes());
    // Its account ends with it.
    until("the account ends", SOON, async || ftp(&command).await.is_err()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_cut_off_says_so() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let world = World::start_with(1, &site.settings).await?;
    let mut pile = Pile::start(&world).await?;
    ask_for(&world, LATER).await?;
    let command = pile.hears().await?;
    bring(&command, TEXT.as_bytes()).await?;
    pile.completes(&command, TEXT.len() + 1).await?;
    let log = ends(&world, State::Failed).await?;
    assert!(log.reason.contains("日志不完整"), "{log:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_silence_and_changed_minds_come_to_an_end() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let world = World::start_with(1, &site.settings).await?;
    let mut pile = Pile::start(&world).await?;
    ask_for(&world, LATER).await?;
    let command = pile.hears().await?;
    pile.says(
        json!({"命令": "日志召唤应答", "reqid": command["reqid"], "结果": "失败", "失败原因": "无此文件"}),
    )
    .await?;
    let log = ends(&world, State::Failed).await?;
    assert!(log.reason.contains("无此文件"), "{log:?}");

    let again = |log_id, lasts: Duration| LogFile {
        timestamp: now(),
        log_id,
        device_id: 1,
        uuid: uuid(1),
        file_name: "a.log".into(),
        state: State::Requested.to_string(),
        created_time: now(),
        deadline: now() + lasts.as_millis() as i64,
        ..LogFile::default()
    };
    let state = async |log_id| -> anyhow::Result<LogFile> {
        let found = log_file::by_id(&world.db, log_id).await?;
        found.ok_or_else(|| anyhow::anyhow!("gone"))
    };
    // Nobody answers in time.
    world.insert(&[again(42, Duration::from_secs(4))]).await?;
    until("the deadline passes", LATER, async || {
        state(42)
            .await
            .is_ok_and(|log| log.state() == Some(State::Failed) && log.reason.contains("期限"))
    })
    .await?;
    // A name that is none.
    let mut bad = again(43, LATER);
    bad.file_name = "../../etc/passwd".into();
    world.insert(&[bad]).await?;
    until("a bad name is refused", LATER, async || {
        state(43)
            .await
            .is_ok_and(|log| log.state() == Some(State::Failed))
    })
    .await?;
    // A person changes his mind.
    world.insert(&[again(44, LATER)]).await?;
    world.wake("log").await?;
    let command = pile.hears().await?;
    let command = if command["文件名"] == "a.log" {
        command
    } else {
        pile.hears().await?
    };
    let mut cancelled = again(44, LATER);
    cancelled.state = State::Cancelled.to_string();
    cancelled.timestamp = now() + 1_000;
    world.insert(&[cancelled]).await?;
    until("the account ends", LATER, async || ftp(&command).await.is_err()).await?;
    until("the command is taken back", LATER, async || {
        let sql = "SELECT count() FROM command_record FINAL WHERE caller = 'l44' AND state = 'cancelled'";
        world.number(sql).await.is_ok_and(|rows| rows == 1)
    })
    .await?;
    assert_eq!(state(44).await?.state(), Some(State::Cancelled));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_is_killed_is_continued() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let mut world = World::start_with(1, &site.settings).await?;
    let mut pile = Pile::start(&world).await?;
    ask_for(&world, LATER).await?;
    let command = pile.hears().await?;
    let half = TEXT.repeat(1_000);
    bring(&command, half.as_bytes()).await?;
    world.connector.kill().await?;
    // What the pile says now, no connector hears.
    assert!(ftp(&command).await.is_err());
    world.connector.start_again().await?;
    // The same account goes on, and the file where it ended.
    until("the pile may go on", LATER, async || ftp(&command).await.is_ok()).await?;
    let whole = TEXT.repeat(3_000);
    let mut client = ftp(&command).await?;
    let path = text(&command, "FTP路径");
    assert_eq!(client.size(&path).await?, Some(half.len() as u64));
    client
        .upload(&path, half.len() as u64, &mut &whole.as_bytes()[half.len()..])
        .await?;
    world.connector.kill().await?;
    pile.completes(&command, whole.len()).await?;
    until("ops_tcu has heard it", LATER, async || {
        let sql = "SELECT count() FROM command_record FINAL WHERE caller = 'l41' AND state = 'answered'";
        world.number(sql).await.is_ok_and(|rows| rows == 1)
    })
    .await?;
    world.connector.start_again().await?;
    let log = ends(&world, State::Collected).await?;
    assert!(contents(&world, &log).await? == whole.as_bytes());
    // It was one command all the time.
    let sql = "SELECT uniqExact(reqid) FROM command_record WHERE command = '日志召唤'";
    assert_eq!(world.number(sql).await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_while_a_log_is_collected_is_waited_for() -> anyhow::Result<()> {
    let mut site = Site::vsftpd().await?;
    let world = World::start_with(1, &site.settings).await?;
    let mut pile = Pile::start(&world).await?;
    ask_for(&world, LATER).await?;
    let command = pile.hears().await?;
    bring(&command, TEXT.as_bytes()).await?;
    let vsftpd = site
        .vsftpd
        .as_mut()
        .ok_or_else(|| anyhow::anyhow!("it is vsftpd"))?;
    vsftpd.kill().await?;
    pile.completes(&command, TEXT.len()).await?;
    until("the connector has tried", LATER, async || {
        world
            .connector
            .log()
            .contains("a log cannot be collected; trying again")
    })
    .await?;
    vsftpd.restart().await?;
    let log = ends(&world, State::Collected).await?;
    assert_eq!(contents(&world, &log).await?, TEXT.as_bytes());
    Ok(())
}
