//! The program as people and scripts meet it: exit codes, JSON, signals.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::broker::Broker;
use crate::platform::{Platform, Rule};

fn tcu_sim(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcu_sim"));
    command
        .args(arguments.split_whitespace())
        .env_remove("OPS_MQTT_USERNAME")
        .env_remove("OPS_MQTT_PASSWORD");
    command
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn bad_options_end_with_64_and_one_clear_line() {
    for (arguments, text) in [
        ("--gb18030 2", "tcu_sim: --gb18030 is a share: 0 to 1\n"),
        ("--piles 4000000000", "descriptors"),
        ("--fly", "unexpected argument '--fly'"),
    ] {
        let output = tcu_sim(arguments).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains(text), "{said}");
    }
    assert_eq!(tcu_sim("--help").output().await.unwrap().status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_a_run_in_order_with_its_report_as_json() {
    let broker = Broker::start();
    let platform = Platform::start(&broker, Rule::From(1)).await;
    let arguments = format!("--brokers {} --piles 3 --quiet --json -", broker.address());
    let child = tcu_sim(&arguments).spawn().unwrap();
    platform
        .wait_for("three logins", |heard| heard.commands.get("登录") == Some(&3))
        .await;
    let pid = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    let output = timeout(Duration::from_secs(10), child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["connected"], 3);
    assert_eq!(report["sent"]["登录"]["messages"], 3);
    assert_eq!(report["records"]["unconfirmed"], 0);
}
