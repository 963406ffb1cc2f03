//! Against a real Mosquitto: what is asked arrives once the broker is there, and no outcome is lost before it is
//! acknowledged.

use std::time::Duration;

use anyhow::Context;
use common::shutdown::Shutdown;
use engines::{Mosquitto, MosquittoOptions, Running};
use protocol::Uuid;
use protocol::downlink::{Downlink, QuerySim};
use protocol::topic::Topics;
use proxy::{Ask, Delivered, Following, Proxy, ProxyOptions, State};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::MqttClient;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(60);

async fn broker() -> anyhow::Result<(TempDir, Running)> {
    let folder = tempfile::tempdir()?;
    let options = MosquittoOptions::new(folder.path());
    let mosquitto = Mosquitto::start(options).await?;
    Ok((folder, mosquitto))
}

fn topics() -> Topics {
    Topics::new("xjdy", "TCU")
}

fn pile() -> Uuid {
    Uuid::parse("AAAAAAAB").expect("eight letters")
}

fn options(port: u16) -> ProxyOptions {
    let address = format!("127.0.0.1:{port}").parse().expect("an address");
    ProxyOptions::lasting(address, "connector", topics())
}

fn sim(mark: &str) -> Ask {
    Ask::new(mark, &Downlink::from(QuerySim::default())).source("test")
}

fn outcome(mark: &str, state: State) -> Vec<u8> {
    json!({"请求标识": mark, "命令": "SIM卡召唤", "reqid": 1, "状态": state})
        .to_string()
        .into_bytes()
}

async fn next(following: &mut Following) -> anyhow::Result<Delivered> {
    timeout(SOON, following.next())
        .await
        .context("no outcome")?
        .context("the connection has ended")
}

async fn up(proxy: &Proxy) -> anyhow::Result<()> {
    testkit::wait_until(SOON, async || proxy.is_up()).await
}

#[tokio::test]
async fn what_is_asked_while_the_broker_is_away_arrives_when_it_is_back() -> anyhow::Result<()> {
    let (_folder, mut mosquitto) = broker().await?;
    let (proxy, _following, _task) = Proxy::following(&options(mosquitto.port()), Shutdown::new());
    up(&proxy).await?;
    mosquitto.kill().await?;
    testkit::wait_until(SOON, async || !proxy.is_up()).await?;
    let asking: Vec<_> = (0..50)
        .map(|n| {
            let proxy = proxy.clone();
            tokio::spawn(async move { proxy.ask(pile(), &sim(&format!("m{n}"))).await })
        })
        .collect();
    let given_up = timeout(Duration::from_millis(50), proxy.ask(pile(), &sim("given up"))).await;
    assert!(given_up.is_err(), "there is no broker");
    let port = mosquitto.port();
    mosquitto.restart().await?;
    let mut ops_tcu = MqttClient::connect(port, "ops_tcu").await?;
    ops_tcu.subscribe(&topics().proxy_cmd_filter()).await?;
    for ask in asking {
        timeout(SOON, ask).await???;
    }
    // What went out before the subscription is asked again, as every caller would: the mark is the same.
    proxy.ask(pile(), &sim("last")).await?;
    proxy.cancel(pile(), "m7").await?;
    let topic = topics().proxy_cmd(pile());
    let withdrawn = ops_tcu
        .expect(
            &topic,
            |payload| String::from_utf8_lossy(payload).contains("撤销"),
            SOON,
        )
        .await?;
    let withdrawn: Value = serde_json::from_slice(&withdrawn.payload)?;
    assert_eq!(withdrawn, json!({"命令": "撤销", "请求标识": "m7"}));
    let all = ops_tcu.received();
    assert!(
        all.iter()
            .any(|m| String::from_utf8_lossy(&m.payload).contains("last"))
    );
    assert!(
        !all.iter()
            .any(|m| String::from_utf8_lossy(&m.payload).contains("given up"))
    );
    Ok(())
}

#[tokio::test]
async fn an_outcome_comes_again_until_it_is_acknowledged() -> anyhow::Result<()> {
    let (_folder, mosquitto) = broker().await?;
    let port = mosquitto.port();
    let mut ops_tcu = MqttClient::connect(port, "ops_tcu").await?;
    let topic = topics().proxy_resp(pile());

    let first = Shutdown::new();
    let (proxy, mut following, task) = Proxy::following(&options(port), first.clone());
    up(&proxy).await?;
    ops_tcu.publish(&topic, outcome("a", State::Sent)).await?;
    ops_tcu.publish(&topic, outcome("b", State::Answered)).await?;
    let a = next(&mut following).await?;
    let b = next(&mut following).await?;
    assert_eq!((a.outcome.mark.as_str(), b.outcome.mark.as_str()), ("a", "b"));
    b.receipt.done();
    drop(a);
    first.trigger();
    timeout(SOON, task).await??;

    // While nobody is there.
    ops_tcu.publish(&topic, outcome("c", State::Failed)).await?;
    ops_tcu.publish(&topic, "no outcome").await?;
    ops_tcu.publish(&topic, outcome("d", State::TimedOut)).await?;
    let second = Shutdown::new();
    let (_proxy, mut following, task) = Proxy::following(&options(port), second.clone());
    let mut marks = Vec::new();
    while marks.len() < 3 {
        let delivered = next(&mut following).await?;
        marks.push(delivered.outcome.mark.clone());
        delivered.receipt.done();
    }
    assert_eq!(marks, ["a", "c", "d"]);
    second.trigger();
    timeout(SOON, task).await??;
    Ok(())
}

#[tokio::test]
async fn who_looks_on_gets_outcomes_without_a_word() -> anyhow::Result<()> {
    let (_folder, mosquitto) = broker().await?;
    let port = mosquitto.port();
    let address = format!("127.0.0.1:{port}").parse().map_err(anyhow::Error::msg)?;
    let watching = ProxyOptions::passing(address, "webserver-1", topics());
    let stop = Shutdown::new();
    let (proxy, outcomes, task) = Proxy::watching(&watching, 100, stop.clone());
    up(&proxy).await?;
    let (mut one, mut other) = (outcomes.subscribe(), outcomes.subscribe());
    let mut ops_tcu = MqttClient::connect(port, "ops_tcu").await?;
    ops_tcu
        .publish(&topics().proxy_resp(pile()), outcome("a", State::Refused))
        .await?;
    for receiver in [&mut one, &mut other] {
        let outcome = timeout(SOON, receiver.recv()).await??;
        assert_eq!((outcome.uuid, outcome.state), (pile(), State::Refused));
    }
    stop.trigger();
    timeout(SOON, task).await??;
    assert!(proxy.ask(pile(), &sim("late")).await.is_err());
    Ok(())
}
