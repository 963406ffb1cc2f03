//! 下载, 更新程序并重启 and 日志召唤 over real FTP: what is right arrives, what is wrong is said.

use std::sync::Arc;
use std::time::Duration;

use common::shutdown::Shutdown;
use md5::Digest as _;
use rumqttc::QoS;
use serde_json::{Value, json};
use simulator::Report;
use testkit::FaultProxy;
use tokio::task::JoinHandle;

use crate::broker::Broker;
use crate::ftp_server::FtpServer;
use crate::options;
use crate::platform::{Platform, Rule};

const BYTES: usize = 3_000_000;

/// Piles, a broker, a file server with a program on it.
struct Scene {
    server: FtpServer,
    platform: Platform,
    run: JoinHandle<anyhow::Result<Report>>,
    shutdown: Shutdown,
    program: Arc<Vec<u8>>,
    _broker: Broker,
}

impl Scene {
    async fn start(arguments: &str) -> Self {
        Self::with(FtpServer::vsftpd(0).await, arguments).await
    }

    async fn with(server: FtpServer, arguments: &str) -> Self {
        let broker = Broker::start();
        let platform = Platform::start(&broker, Rule::From(1)).await;
        let program: Vec<u8> = (0..BYTES).map(|n| (n * 31 % 251) as u8).collect();
        let shutdown = Shutdown::new();
        let all = format!("--charge-rate 0 --warning-rate 0 {arguments}");
        let run_options = options(&broker, &all);
        let piles = run_options.piles as usize;
        let run = tokio::spawn(simulator::run(run_options, shutdown.clone()));
        platform
            .wait_for("logins", |heard| heard.status.len() == piles)
            .await;
        Self {
            server,
            platform,
            run,
            shutdown,
            program: Arc::new(program),
            _broker: broker,
        }
    }

    async fn say(&self, uuid: &str, command: &Value) {
        let topic = format!("/xjdy/ops/v1/TCU/{uuid}/cmd");
        let payload = command.to_string();
        let client = &self.platform.client;
        client
            .publish(topic, QoS::AtLeastOnce, false, payload)
            .await
            .unwrap();
    }

    fn download(&self, reqid: u32) -> Value {
        let mut command = json!({
            "命令": "下载", "reqid": reqid, "文件类型": "程序包", "字节数": BYTES,
            "MD5": hex::encode(md5::Md5::digest(&*self.program)), "数字签名": "", "版本号": "V9.0", "子设备编号": [],
        });
        add(&mut command, self.server.offer("AAAAAAAA", &self.program));
        command
    }

    fn log(&self, reqid: u32, uuid: &str) -> Value {
        let mut command = json!({ "命令": "日志召唤", "reqid": reqid, "文件名": "a.log" });
        add(&mut command, self.server.want(uuid));
        command
    }

    /// The first message of this name with this reqid.
    async fn said(&self, name: &str, reqid: u64) -> Value {
        let mut found = Value::Null;
        let is_it = |one: &&Value| one["命令"] == name && one["reqid"] == reqid;
        self.platform
            .wait_for(&format!("{name} {reqid}"), |heard| {
                found = heard.said.iter().find(is_it).cloned().unwrap_or_default();
                !found.is_null()
            })
            .await;
        found
    }

    async fn end(self) -> Report {
        self.shutdown.trigger();
        self.run.await.unwrap().unwrap()
    }
}

fn add(command: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else {
        panic!("fields")
    };
    command.as_object_mut().unwrap().extend(fields);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pile_updates_itself_from_vsftpd() {
    update_from(FtpServer::vsftpd(0).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pile_updates_itself_from_the_embedded_server() {
    update_from(FtpServer::embedded().await).await;
}

/// It comes back with the version that it fetched, and sends a log.
async fn update_from(server: FtpServer) {
    let arguments = "--piles 1 --gb18030 0 --speed 20 --software V2.0";
    let scene = Scene::with(server, arguments).await;
    let update = json!({"命令": "更新程序并重启", "reqid": 1, "配置列表": [], "子设备编号": []});
    scene.say("AAAAAAAA", &update).await;
    assert_eq!(scene.said("更新程序并重启应答", 1).await["结果"], "失败");
    // The broker may deliver twice.
    for _ in 0..2 {
        scene.say("AAAAAAAA", &scene.download(2)).await;
    }
    let answer = scene.said("下载应答", 2).await;
    assert_eq!(answer["结果"], "成功", "{answer}");
    let percents: Vec<u64> = scene.platform.percents();
    assert_eq!(percents, [25, 50, 75, 100]);
    let update = json!({"命令": "更新程序并重启", "reqid": 3, "配置列表": [], "子设备编号": []});
    scene.say("AAAAAAAA", &update).await;
    let is_back = |one: &Value| one["命令"] == "登录" && one["软件版本"] == "V9.0";
    scene
        .platform
        .wait_for("the new version", |heard| heard.said.iter().any(is_back))
        .await;
    let first = scene.platform.first_login();
    assert_eq!(first["软件版本"], "V2.0");
    scene.say("AAAAAAAA", &scene.log(4, "AAAAAAAA")).await;
    let uploaded = scene.said("日志上传完成", 4).await;
    assert_eq!(uploaded["字节数"], scene.server.brought("AAAAAAAA").len());
    let report = scene.end().await;
    let done = &report.done;
    assert_eq!((done.downloads_begun, done.downloads), (1, 1));
    assert_eq!(done.download_bytes, BYTES as u64);
    assert_eq!((done.updates, done.restarts, done.updated_to["V9.0"]), (1, 1, 1));
    let heard = &report.commands["下载"];
    assert_eq!((heard.heard, heard.repeated, heard.answered), (1, 1, 1));
    assert_eq!(report.commands["更新程序并重启"].heard, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_breaks_is_taken_up_where_it_was() {
    // Slow at the server: what it has sent comes, however it ends.
    let scene = Scene::with(FtpServer::vsftpd(400_000).await, "--piles 1 --gb18030 0").await;
    scene.say("AAAAAAAA", &scene.download(2)).await;
    scene.said("下载进度", 2).await;
    assert!(scene.server.cut() > 0);
    let answer = scene.said("下载应答", 2).await;
    assert_eq!(answer["结果"], "成功", "{answer}");
    let done = scene.end().await.done;
    assert_eq!((done.downloads, done.downloads_resumed), (1, 1));
    assert_eq!(done.download_bytes, BYTES as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_arrive_whole_and_in_the_firmwares_character_set() {
    let scene = Scene::start("--piles 12 --gb18030 0.5 --ftp-connections 3 --log-bytes 200000").await;
    let uuids: Vec<String> = (0..12)
        .map(|n| protocol::Uuid::from_counter(n).unwrap().to_string())
        .collect();
    for uuid in &uuids {
        scene.say(uuid, &scene.log(5, uuid)).await;
    }
    let platform = &scene.platform;
    platform
        .wait_for("all logs", |heard| {
            heard.commands.get("日志上传完成") == Some(&12)
        })
        .await;
    let logs: Vec<Vec<u8>> = uuids.iter().map(|uuid| scene.server.brought(uuid)).collect();
    let utf8 = logs.iter().filter(|log| std::str::from_utf8(log).is_ok()).count();
    assert!((1..12).contains(&utf8), "{utf8} of 12 in UTF-8");
    for log in &logs {
        let damaged = encoding_rs::GB18030.decode(log).2 && std::str::from_utf8(log).is_err();
        assert!(log.len() >= 2048 && log.ends_with(b"\r\n") && !damaged);
    }
    let report = scene.end().await;
    let bytes = logs.iter().map(|log| log.len() as u64).sum::<u64>();
    assert_eq!((report.done.logs, report.done.log_bytes), (12, bytes));
    assert_eq!(report.commands["日志召唤"].answered, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_ends_with_a_reason() {
    let scene = Scene::start("--piles 1 --gb18030 0 --ftp-patience 2s").await;
    let port = scene.server.port();
    let stalled = FaultProxy::start(port).await.unwrap();
    stalled.stall();
    let unused = engines::listen_anywhere().unwrap().local_addr().unwrap().port();
    let with = |key: &str, value: Value| {
        let mut command = scene.download(0);
        command[key] = value;
        command
    };
    let cases = [
        (with("端口", json!(unused)), "FTP连接失败"),
        (with("端口", json!(stalled.port())), "FTP超时"),
        (with("密码", json!("wrong")), "FTP登录失败"),
        (with("用户名", json!("bob")), "FTP登录失败"),
        (with("FTP路径", json!("/nowhere/a.bin")), "FTP文件不可用"),
        (with("MD5", json!("0".repeat(32))), "MD5校验失败"),
        (with("字节数", json!(BYTES + 1)), "字节数不符"),
        (with("字节数", json!(BYTES - 1)), "字节数不符"),
        (with("服务器地址", json!("no such name.")), "FTP连接失败"),
    ];
    for (reqid, (mut command, reason)) in (10..).zip(cases) {
        command["reqid"] = json!(reqid);
        scene.say("AAAAAAAA", &command).await;
        let answer = scene.said("下载应答", reqid).await;
        assert_eq!(answer["失败原因"], reason, "{answer}");
    }
    let mut log = scene.log(30, "AAAAAAAA");
    log["FTP路径"] = json!("/nowhere/at/all.log");
    scene.say("AAAAAAAA", &log).await;
    let answer = scene.said("日志上传完成", 30).await;
    assert_eq!(
        (&answer["结果"], &answer["失败原因"]),
        (&json!("失败"), &json!("FTP文件不可用"))
    );
    let report = scene.end().await;
    assert_eq!(report.done.downloads, 0);
    assert_eq!(report.done.download_failures.values().sum::<u64>(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pile_that_restarts_in_the_middle_says_nothing_of_it() {
    let scene = Scene::start("--piles 1 --gb18030 0 --fault reboot=1 --speed 20 --ftp-rate 4000000").await;
    scene.say("AAAAAAAA", &scene.download(2)).await;
    scene
        .platform
        .wait_for("its return", |heard| heard.commands.get("登录") == Some(&2))
        .await;
    // Its second attempt is a good one.
    scene.say("AAAAAAAA", &scene.download(3)).await;
    assert_eq!(scene.said("下载应答", 3).await["结果"], "成功");
    tokio::time::timeout(Duration::from_secs(60), async {
        let report = scene.end().await;
        assert_eq!((report.done.downloads_begun, report.done.downloads), (2, 1));
        assert_eq!(report.done.faulty["reboot"], 1);
        assert_eq!(report.commands["下载"].answered, 1);
    })
    .await
    .unwrap();
}
