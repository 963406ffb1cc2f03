//! The kit itself: a stack that answers, a proxy that breaks, a client that waits.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use testkit::{FaultProxy, MqttClient, Stack, WorkspaceProcess, wait_until};
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
    let options = testkit::engines::MosquittoOptions::new(folder.path());
    let broker = testkit::engines::Mosquitto::start(options).await.unwrap();
    let mut client = MqttClient::connect(broker.port(), "large").await.unwrap();
    client.subscribe("large").await.unwrap();
    client.publish("large", vec![7; 300 << 10]).await.unwrap();
    let message = client.expect("large", |_| true, SOON).await.unwrap();
    assert_eq!(message.payload.len(), 300 << 10);
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
