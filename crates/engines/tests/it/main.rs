//! The engines as children of this process: started, answered, killed, restarted, stopped; and what goes wrong.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use engines::{EngineError, Mosquitto, MosquittoOptions, Redis, RedisOptions, Running};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn redis(port: u16, command: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream
        .write_all(format!("{command}\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = vec![0; 256];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).trim().to_owned()
}

#[tokio::test]
async fn redis_keeps_its_data_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Redis::start(RedisOptions::new(folder.path().join("redis")))
        .await
        .unwrap();
    let port = running.port();
    assert_eq!(redis(port, "SET a 1").await, "+OK");
    running.restart().await.unwrap();
    assert_eq!(running.port(), port);
    assert_eq!(redis(port, "GET a").await, "$1\r\n1");
    assert!(running.stop().await.unwrap().success());
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn a_killed_broker_is_noticed_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Mosquitto::start(MosquittoOptions::new(folder.path()))
        .await
        .unwrap();
    let (port, first) = (running.port(), running.pid().unwrap());
    running.kill().await.unwrap();
    assert!(!running.exited().await.unwrap().success());
    assert_eq!(running.pid(), None);
    running.restart().await.unwrap();
    assert_eq!(running.port(), port);
    assert_ne!(running.pid().unwrap(), first);
    assert!(running.stop().await.unwrap().success());
    assert!(
        folder.path().join("mosquitto.db").is_file(),
        "the broker saved its state"
    );
}

#[tokio::test]
async fn a_dropped_engine_ends() {
    let folder = tempfile::tempdir().unwrap();
    let running = Redis::start(RedisOptions::new(folder.path())).await.unwrap();
    let port = running.port();
    drop(running);
    let gone = async { while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {} };
    timeout(Duration::from_secs(10), gone).await.unwrap();
}

async fn refused(started: Result<Running, EngineError>) -> String {
    started.map(|running| running.port()).unwrap_err().to_string()
}

#[tokio::test]
async fn a_missing_program_names_its_package() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = MosquittoOptions::new(folder.path());
    options.program = Some(PathBuf::from("/nonexistent/mosquitto"));
    let error = refused(Mosquitto::start(options).await).await;
    assert_eq!(
        error,
        "mosquitto is not installed - run: apt-get install -y mosquitto"
    );
}

#[tokio::test]
async fn a_busy_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let mut options = RedisOptions::new(folder.path());
    options.port = Some(port);
    let error = refused(Redis::start(options).await).await;
    assert_eq!(
        error,
        format!("port {port} for redis-server is in use: stop what uses it, or choose another port")
    );
}

#[tokio::test]
async fn a_failed_start_shows_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = MosquittoOptions::new(folder.path());
    options.extra = vec!["no_such_option 1".to_owned()];
    let error = refused(Mosquitto::start(options).await).await;
    assert!(
        error.contains("mosquitto did not start") && error.contains("no_such_option"),
        "{error}"
    );
}

/// This test starts itself again as the owner of a Redis, and kills that owner: the Redis must end.
#[tokio::test]
async fn children_do_not_outlive_a_killed_parent() {
    const ROLE: &str = "ENGINES_TEST_OWNER";
    if let Some(folder) = std::env::var_os(ROLE) {
        let running = Redis::start(RedisOptions::new(folder)).await.unwrap();
        println!("port={}", running.port());
        std::future::pending::<()>().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut owner = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "children_do_not_outlive_a_killed_parent",
            "--nocapture",
        ])
        .env(ROLE, folder.path())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(owner.stdout.take().unwrap()));
    let port: u16 = loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the owner tells its port");
        if let Some((_, port)) = line.split_once("port=") {
            break port.parse().unwrap();
        }
    };
    assert_eq!(redis(port, "PING").await, "+PONG");
    owner.kill().await.unwrap();
    let gone = async { while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {} };
    timeout(Duration::from_secs(15), gone)
        .await
        .expect("the orphan ends");
}
