//! The same door with the tools that staff use: `mosquitto_pub`, `mosquitto_sub`.

use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use register::config::Mode;
use tokio::process::Command;
use tokio::time::timeout;

use crate::client::{Client, MANNERS, Manner, Visitor};
use crate::house::{A, House, OBSERVER, password};

const CMD: &str = "/xjdy/ops/v1/TCU/AAAAALFW/cmd";
const B_CMD: &str = "/xjdy/ops/v1/TCU/AAAAAAAB/cmd";
const B_MSG: &str = "/xjdy/ops/v1/TCU/AAAAAAAB/msg";
const RESULT: &str = "/xjdy/注册ops/v1/注册结果/SN1";
const ALL_RESULTS: &str = "/xjdy/注册ops/v1/注册结果/+";

/// `tool` with what it needs to come to the door in this manner, as `who` (empty: without a name).
fn tool(tool: &str, house: &House, manner: Manner, who: &str) -> Command {
    let mut command = Command::new(tool);
    let version = if manner.v5 { "5" } else { "311" };
    let port = if manner.tls { house.tls_port } else { house.port() };
    command.args([
        "-h",
        "localhost",
        "-p",
        &port.to_string(),
        "-V",
        version,
        "-q",
        "1",
    ]);
    if manner.tls {
        command.arg("--cafile").arg(house.ca_file());
    }
    if !who.is_empty() {
        command.args(["-u", who, "-P", password(who).reveal()]);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    // Somebody's own option files are not part of the test.
    command
        .env("XDG_CONFIG_HOME", house.folder.path())
        .env("HOME", house.folder.path());
    command
}

async fn run(mut command: Command) -> anyhow::Result<Output> {
    let output = timeout(Duration::from_secs(30), command.output());
    output.await?.context("apt-get install -y mosquitto-clients")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[tokio::test]
async fn mosquitto_sub_reads_what_it_may_and_is_told_otherwise() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let mut observer = Client::connect(&house, MANNERS[0], Visitor::named(OBSERVER)).await?;
    let every_pile = "/xjdy/ops/v1/TCU/+/#";
    let granted = [
        (A, CMD),
        ("", RESULT),
        ("staff", every_pile),
        ("engineer", "/xjdy/#"),
    ];
    let refused = [
        (A, B_CMD),
        (A, "#"),
        (A, "+/#"),
        (A, "$SYS/#"),
        (A, "$share/g//xjdy/ops/v1/TCU/AAAAAAAB/cmd"),
        ("", ALL_RESULTS),
        ("", "#"),
        ("", CMD),
        ("staff", "#"),
        ("staff", ALL_RESULTS),
    ];
    for manner in MANNERS {
        for (who, topic) in granted {
            let mut sub = tool("mosquitto_sub", &house, manner, who);
            let sub = sub
                .args(["-t", topic, "-C", "1"])
                .stdout(Stdio::piped())
                .spawn()?;
            let concrete = topic.replace(every_pile, CMD).replace("/xjdy/#", CMD);
            // Published again and again, because it may not have subscribed yet.
            let mut ended = std::pin::pin!(timeout(Duration::from_secs(30), sub.wait_with_output()));
            let output = loop {
                tokio::select! {
                    output = &mut ended => break output??,
                    () = tokio::time::sleep(Duration::from_millis(20)) => {
                        observer.publish(&concrete, "hello").await?;
                    }
                }
            };
            assert_eq!(output.stdout, b"hello\n", "{manner:?} {who:?} {topic}");
        }
        for (who, topic) in refused {
            let mut sub = tool("mosquitto_sub", &house, manner, who);
            sub.args(["-t", topic, "-C", "1"]);
            let said = said(&run(sub).await?);
            assert!(
                said.contains("All subscription requests were denied"),
                "{manner:?} {who:?} {topic}: {said}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn mosquitto_pub_is_heard_where_it_may_speak_only() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    let mut observer = Client::connect(&house, MANNERS[0], Visitor::named(OBSERVER)).await?;
    observer.subscribe("#").await?;
    let cases = [
        (A, "/xjdy/ops/v1/TCU/AAAAALFW/msg", true),
        (A, B_MSG, false),
        (A, CMD, false),
        ("", "/xjdy/注册ops/v1", true),
        ("", B_MSG, false),
        ("", RESULT, false),
        ("staff", CMD, false),
        ("operator", CMD, true),
        ("operator", B_MSG, false),
        ("engineer", B_MSG, true),
        ("engineer", CMD, true),
    ];
    for manner in MANNERS {
        for (who, topic, may) in cases {
            let probe = format!("{manner:?} {who:?} {topic}");
            let mut publish = tool("mosquitto_pub", &house, manner, who);
            publish.args(["-t", topic, "-m", &probe]);
            let output = run(publish).await?;
            assert!(output.status.success(), "{probe}: {}", said(&output));
            // Only version 5 tells.
            let told = said(&output).contains("Not authorized");
            assert_eq!(told, manner.v5 && !may, "{probe}: {}", said(&output));
            let after = format!("after {probe}");
            observer.publish("observed", &after).await?;
            observer.message(&after).await?;
            assert_eq!(observer.came(&probe), may, "{probe}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_tools_do_not_get_in_without_the_password_or_past_the_wrong_server() -> anyhow::Result<()> {
    let house = House::open(Mode::Closed).await?;
    for manner in MANNERS {
        for arguments in [
            &["-u", A, "-P", "wrong"][..],
            &["-u", A],
            &["-u", "nobody", "-P", "x"],
        ] {
            let mut publish = tool("mosquitto_pub", &house, manner, "");
            publish
                .args(["-t", "/xjdy/注册ops/v1", "-m", "x"])
                .args(arguments);
            let output = run(publish).await?;
            assert!(!output.status.success(), "{manner:?} {arguments:?}");
            assert!(
                said(&output).to_lowercase().contains("not authori"),
                "{}",
                said(&output)
            );
        }
    }
    let tls = MANNERS[1];
    let mut wary = tool("mosquitto_pub", &house, tls, A);
    wary.arg("--cafile").arg(house.folder.path().join("other-ca.pem"));
    let output = run({
        wary.args(["-t", CMD, "-m", "x"]);
        wary
    })
    .await?;
    assert!(
        !output.status.success() && said(&output).contains("TLS"),
        "{}",
        said(&output)
    );
    Ok(())
}
