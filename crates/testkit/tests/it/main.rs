//! The kit itself: a stack that answers, a proxy that breaks, a client that waits.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use testkit::engines::{Mosquitto, MosquittoOptions, Running};
use testkit::{
    FaultProxy, MqttClient, MqttClientOptions, Refused, Stack, TlsListener, WorkspaceProcess, password_lines,
    wait_until,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_stack_answers_on_all_three() {
    let stack = Stack::start().await.unwrap();
    let database: String = stack
        .clickhouse()
        .query("SELECT currentDatabase()")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(database, stack.database());

    let mut redis = stack.redis_connection().await.unwrap();
    let pong: String = redis::cmd("PING").query_async(&mut redis).await.unwrap();
    assert_eq!(pong, "PONG");

    let mut hears = stack.mqtt("hears").await.unwrap();
    hears.subscribe("a/#").await.unwrap();
    let mut says = stack.mqtt("says").await.unwrap();
    says.publish("a/1", "first").await.unwrap();
    says.publish("a/2", "second").await.unwrap();
    let second = hears
        .expect("a/2", |payload| payload == b"second", SOON)
        .await
        .unwrap();
    assert_eq!(second.topic, "a/2");
    hears
        .expect("a/1", |payload| payload == b"first", SOON)
        .await
        .unwrap();
    let missed = hears
        .expect("a/1", |_| true, Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(missed.to_string().contains("nothing expected on a/1"), "{missed}");
    assert_eq!(hears.received(), []);
}

#[tokio::test]
async fn a_message_of_300_kib_reaches_its_subscriber() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Mosquitto::start(MosquittoOptions::new(folder.path()))
        .await
        .unwrap();
    let mut client = MqttClient::connect(broker.port(), "large").await.unwrap();
    client.subscribe("large").await.unwrap();
    client.publish("large", vec![7; 300 << 10]).await.unwrap();
    let message = client.expect("large", |_| true, SOON).await.unwrap();
    assert_eq!(message.payload.len(), 300 << 10);
}

/// A broker that knows `a` with password `b`, who may read `in/+` and write `out/+`, and serves TLS too.
async fn closed_broker(folder: &std::path::Path) -> (Running, TlsListener) {
    let rights = folder.join("rights");
    std::fs::write(&rights, "user a\ntopic read in/+\ntopic write out/+\n").unwrap();
    let tls = TlsListener::make(folder).unwrap();
    let mut options = MosquittoOptions::new(folder.join("data"));
    options.extra.extend(tls.lines.clone());
    options
        .extra
        .extend(password_lines(folder, &[("a", "b")]).unwrap());
    options.extra.push(format!("acl_file {}", rights.display()));
    (Mosquitto::start(options).await.unwrap(), tls)
}

fn reason(error: &anyhow::Error) -> &str {
    let refused = error.downcast_ref::<Refused>();
    refused.map_or_else(|| panic!("{error:#}"), |refused| refused.reason.as_str())
}

#[tokio::test]
async fn a_refusal_is_told_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (broker, _tls) = closed_broker(folder.path()).await;
    let (old, new) = (
        MqttClientOptions::new(broker.port(), "old"),
        MqttClientOptions::new(broker.port(), "new").v5(),
    );
    for options in [&old, &new] {
        for stranger in [options.clone(), options.clone().credentials("a", "wrong")] {
            let error = MqttClient::connect_with(&stranger).await.unwrap_err();
            assert_eq!(reason(&error), "NotAuthorized");
        }
    }
    let mut new = MqttClient::connect_with(&new.credentials("a", "b"))
        .await
        .unwrap();
    let error = new.publish("in/1", "not mine").await.unwrap_err();
    assert_eq!(reason(&error), "NotAuthorized");
    new.subscribe("in/1").await.unwrap();
    new.publish("out/1", "mine").await.unwrap();
    // With 3.1.1 it is thrown away without a word.
    let mut old = MqttClient::connect_with(&old.credentials("a", "b"))
        .await
        .unwrap();
    old.publish("in/1", "not mine").await.unwrap();
}

#[tokio::test]
async fn clients_speak_tls_with_both_versions_and_leave_a_will() {
    let folder = tempfile::tempdir().unwrap();
    let (_broker, tls) = closed_broker(folder.path()).await;
    let old = MqttClientOptions::new(tls.port, "old")
        .credentials("a", "b")
        .ca_file(&tls.ca_file);
    let new = MqttClientOptions {
        client_id: "new".to_owned(),
        host: "localhost".to_owned(),
        ..old.clone().v5()
    };
    for options in [old, new] {
        let mut client = MqttClient::connect_with(&options).await.unwrap();
        client.subscribe("in/+").await.unwrap();
        client.publish("out/1", "mine").await.unwrap();
        client.disconnect().await.unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let stranger = TlsListener::make(elsewhere.path()).unwrap();
        MqttClient::connect_with(&options.ca_file(&stranger.ca_file))
            .await
            .unwrap_err();
    }
}

#[tokio::test]
async fn a_will_comes_when_a_connection_is_lost_and_not_when_it_is_ended() {
    let stack = Stack::start_with(|broker| broker.extra.push("max_keepalive 60".to_owned()))
        .await
        .unwrap();
    let mut hears = stack.mqtt("hears").await.unwrap();
    hears.subscribe("will/+").await.unwrap();
    for v5 in [false, true] {
        let options = |name: &str| MqttClientOptions {
            v5,
            ..MqttClientOptions::new(stack.mqtt_port(), name).will(format!("will/{name}"), "gone")
        };
        let ends = MqttClient::connect_with(&options("ends")).await.unwrap();
        ends.disconnect().await.unwrap();
        drop(MqttClient::connect_with(&options("lost")).await.unwrap());
        hears.expect("will/lost", |p| p == b"gone", SOON).await.unwrap();
        assert_eq!(hears.received(), []);
    }
}

#[tokio::test]
async fn a_broker_that_ends_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Mosquitto::start(MosquittoOptions::new(folder.path()))
        .await
        .unwrap();
    let mut client = MqttClient::connect(broker.port(), "left").await.unwrap();
    assert!(client.is_connected());
    broker.kill().await.unwrap();
    client.closed(SOON).await.unwrap();
    assert!(!client.is_connected());
    client.publish("a", "b").await.unwrap_err();
}

#[tokio::test]
async fn a_cut_that_is_healed_at_once_still_cuts() {
    let proxy = FaultProxy::start(echo().await).await.unwrap();
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        assert!(echoed(&mut stream, b"one.").await);
        streams.push(stream);
    }
    proxy.cut();
    proxy.heal();
    for stream in &mut streams {
        assert!(!timeout(SOON, echoed(stream, b"two.")).await.unwrap());
    }
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    assert!(echoed(&mut stream, b"four").await);
}

async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    port
}

async fn echoed(stream: &mut TcpStream, text: &[u8; 4]) -> bool {
    let mut back = [0; 4];
    stream.write_all(text).await.is_ok() && stream.read_exact(&mut back).await.is_ok() && &back == text
}

#[tokio::test]
async fn the_proxy_stalls_cuts_and_heals() {
    let proxy = FaultProxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    assert!(echoed(&mut stream, b"one.").await);

    proxy.stall();
    stream.write_all(b"two.").await.unwrap();
    let mut back = [0; 4];
    assert!(
        timeout(Duration::from_millis(100), stream.read_exact(&mut back))
            .await
            .is_err()
    );
    proxy.heal();
    stream.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"two.");

    proxy.cut();
    assert!(!timeout(SOON, echoed(&mut stream, b"thre")).await.unwrap());
    proxy.heal();
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    assert!(echoed(&mut stream, b"four").await);
}

#[tokio::test]
async fn waiting_ends_with_the_condition_or_the_deadline() {
    let asked = AtomicU32::new(0);
    wait_until(SOON, async || asked.fetch_add(1, Ordering::Relaxed) == 3)
        .await
        .unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 4);
    let start = Instant::now();
    wait_until(Duration::from_millis(30), async || false)
        .await
        .unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_program_of_the_workspace_runs_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let arguments = [
        "--path".as_ref(),
        data.as_os_str(),
        "--port".as_ref(),
        "0".as_ref(),
    ];
    let mut program = WorkspaceProcess::spawn("chdbd", "chdbd", arguments, [], &log)
        .await
        .unwrap();
    wait_until(Duration::from_secs(30), async || {
        program.output().contains("ready on http://127.0.0.1:")
    })
    .await
    .unwrap();
    assert!(
        program.stop(Duration::from_secs(30)).await.unwrap().success(),
        "{}",
        program.output()
    );
}
