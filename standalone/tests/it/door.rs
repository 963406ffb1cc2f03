//! The closed door of one machine, as people meet it.

use std::{os::unix::fs::PermissionsExt as _, path::Path, process::Output, time::Duration};

use anyhow::Context as _;
use testkit::engines::{Mosquitto, MosquittoOptions};
use testkit::{MqttClient, MqttClientOptions, wait_until};
use tokio::{process::Command, time::timeout};

use crate::program::{Up, ask};

const SOON: Duration = Duration::from_secs(60);
const MSG: &str = "/xjdy/ops/v1/TCU/AAAAALFW/msg";
const CMD: &str = "/xjdy/ops/v1/TCU/AAAAALFW/cmd";
const LOGIN: &str =
    r#"{"命令":"登录","reqid":9,"系统时间":"2025-06-18 19:08:15+0800","型号":"DC-120","出厂编号":"SN1"}"#;

/// A line of shell, as somebody types it who has been told where the data folder is.
async fn shell(folder: &Path, line: &str) -> anyhow::Result<Output> {
    let mut command = Command::new("sh");
    command.args(["-c", line]).env("DATA", folder).kill_on_drop(true);
    // What this user has set up for himself is not part of the test.
    command.env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    timeout(SOON, command.output()).await?.context("sh")
}

#[tokio::test]
async fn one_line_lets_the_mosquitto_tools_in_and_without_it_they_stay_out() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &[]).await?;
    let ports = up.run_file()?.ports;
    let inside =
        format!(". \"$DATA/credentials.env\" && mosquitto_rr -W 30 -q 1 -t {MSG} -e {CMD} -m '{LOGIN}'");
    let output = shell(temp.path(), &inside).await?;
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("登录应答"),
        "{output:?}"
    );

    let plain = format!("-V 5 -q 1 -h localhost -p {}", ports.mqtt);
    let tls = format!(
        "-V 5 -q 1 -h localhost -p {} --cafile \"$DATA/tls/ca.pem\"",
        ports.mqtts
    );
    for way in [plain, tls] {
        let outside = format!("mosquitto_pub {way} -t {MSG} -m '{LOGIN}'");
        let output = shell(temp.path(), &outside).await?;
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("Not authorized"),
            "{output:?}"
        );
        let outside = format!("mosquitto_sub {way} -t '/xjdy/#' -C 1");
        let output = shell(temp.path(), &outside).await?;
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("denied"),
            "{output:?}"
        );
        let inside = format!(". \"$DATA/credentials.env\" && mosquitto_pub {way} -t {MSG} -m '{LOGIN}'");
        let output = shell(temp.path(), &inside).await?;
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
    assert_eq!(up.end("TERM").await?.0.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn passwords_are_for_the_owner_and_in_no_command_line() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &["--simulate", "1"]).await?;
    for file in [
        "credentials.env",
        "access/accounts.json",
        "access/api_token",
        "access/mosquitto/mosquitto_pub",
        "mosquitto/dynamic-security.json",
        "tls/ca.key",
        "tls/server.key",
    ] {
        let mode = std::fs::metadata(temp.path().join(file))?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let engineer = up.password("engineer")?;
    let token = std::fs::read_to_string(temp.path().join("access/api_token"))?;
    let token = token.trim();
    // The web server has it, too.
    let health = format!("http://127.0.0.1:{}/health/ready", up.run_file()?.ports.web);
    let health = standalone::http::get(&health).await?;
    assert!(health.text.contains(r#""register":"ok""#), "{}", health.text);
    let (file, run) = (
        std::fs::read_to_string(temp.path().join("credentials.env"))?,
        up.run_file()?,
    );
    assert!(file.contains(&engineer));
    for (service, life) in &run.services {
        let pid = life.pid.context("it runs")?;
        let arguments = std::fs::read_to_string(format!("/proc/{pid}/cmdline"))?;
        assert!(
            !arguments.contains(&engineer) && !arguments.contains(token),
            "{service}"
        );
    }
    let password = up.password("register")?;
    for log in std::fs::read_dir(temp.path().join("log"))? {
        let text = std::fs::read_to_string(log?.path())?;
        assert!(!text.contains(&engineer) && !text.contains(&password) && !text.contains(token));
    }
    Ok(())
}

#[tokio::test]
async fn a_registered_pile_gets_in_again_after_redis_and_mosquitto_lost_everything() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &[]).await?;
    let allow = "INSERT INTO registration_allow_list (timestamp, flag_del, model, contract_num, remark) \
                 VALUES (1, 0, 'DC-120', '', '')";
    assert!(ask(temp.path(), &["sql", allow]).await?.status.success());
    let mut newcomer = MqttClient::connect(up.run_file()?.ports.mqtt, "newcomer").await?;
    let result_topic = "/xjdy/注册ops/v1/注册结果/SN1";
    newcomer.subscribe(result_topic).await?;
    let request = r#"{"命令":"注册申请","reqid":1,"出厂编号":"SN1","型号":"DC-120","合同号":"HT-1"}"#;
    newcomer.publish("/xjdy/注册ops/v1", request).await?;
    let result = newcomer.expect(result_topic, |_| true, SOON).await?;
    let result: serde_json::Value = serde_json::from_slice(&result.payload)?;
    assert_eq!(result["结果"], "成功", "{result}");
    let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
    let (uuid, username, password) = (text("uuid"), text("用户名"), text("密码"));
    let pile = |port| MqttClientOptions::new(port, "pile").credentials(&username, &password);
    MqttClient::connect_with(&pile(up.run_file()?.ports.mqtt)).await?;
    assert_eq!(up.end("TERM").await?.0.code(), Some(0));

    for lost in ["redis", "mosquitto", "tls", "access"] {
        std::fs::remove_dir_all(temp.path().join(lost))?;
    }
    let up = Up::start(temp.path(), &[]).await?;
    let mut pile = MqttClient::connect_with(&pile(up.run_file()?.ports.mqtt)).await?;
    pile.subscribe(&format!("/xjdy/ops/v1/TCU/{uuid}/cmd")).await?;
    pile.publish(&format!("/xjdy/ops/v1/TCU/{uuid}/msg"), LOGIN)
        .await?;
    let answered = |payload: &[u8]| String::from_utf8_lossy(payload).contains("登录应答");
    pile.expect(&format!("/xjdy/ops/v1/TCU/{uuid}/cmd"), answered, SOON)
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_open_door_says_so_and_lets_piles_in_without_a_password() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let mut up = Up::start(temp.path(), &["--open"]).await?;
    up.line("The door is open").await?;
    let mut pile = MqttClient::connect(up.run_file()?.ports.mqtt, "pile").await?;
    pile.subscribe(CMD).await?;
    pile.publish(MSG, LOGIN).await?;
    let answered = |payload: &[u8]| String::from_utf8_lossy(payload).contains("登录应答");
    pile.expect(CMD, answered, SOON).await?;
    let seen = "SELECT count() FROM login_record FORMAT TSV";
    wait_until(SOON, async || {
        ask(temp.path(), &["sql", seen])
            .await
            .is_ok_and(|rows| rows.stdout == b"1\n")
    })
    .await
}

#[tokio::test]
async fn simulated_piles_register_and_keep_their_uuids_over_a_restart() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let query = "SELECT arraySort(groupArray(uuid)) FROM registration FINAL WHERE state = '在役' FORMAT TSV";
    let in_service = async || ask(temp.path(), &["sql", query]).await.map(|rows| rows.stdout);
    for _ in 0..2 {
        let up = Up::start(temp.path(), &["--simulate", "3"]).await?;
        wait_until(SOON, async || {
            let rows = in_service().await;
            rows.is_ok_and(|rows| rows == b"['AAAAAAAB','AAAAAAAC','AAAAAAAD']\n")
        })
        .await?;
        assert_eq!(up.end("TERM").await?.0.code(), Some(0));
    }
    Ok(())
}

/// Before there were accounts, the broker kept what came while ops_tcu was away for a client without a name.
#[tokio::test]
async fn what_waited_at_the_open_broker_of_before_is_taken_in() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let before = Mosquitto::start(MosquittoOptions::new(temp.path().join("mosquitto"))).await?;
    let options = MqttClientOptions::new(before.port(), "ops_tcu").keep_session();
    let mut ops_tcu = MqttClient::connect_with(&options).await?;
    ops_tcu.subscribe("/xjdy/ops/v1/TCU/+/msg").await?;
    ops_tcu.disconnect().await?;
    let mut pile = MqttClient::connect(before.port(), "pile").await?;
    pile.publish(MSG, LOGIN).await?;
    before.stop().await?;

    let _up = Up::start(temp.path(), &[]).await?;
    let seen = "SELECT count() FROM login_record FORMAT TSV";
    wait_until(SOON, async || {
        ask(temp.path(), &["sql", seen])
            .await
            .is_ok_and(|rows| rows.stdout == b"1\n")
    })
    .await
}
