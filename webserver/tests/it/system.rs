//! Health, readiness, metrics, version, and what every answer has in common.

use std::time::Duration;

use common::config::Secret;
use serde_json::{Value, json};
use testkit::{Stack, TlsListener, WorkspaceProcess, password_lines, wait_until};

use crate::server::{Server, config};
use crate::world::{ACCOUNTS, World};

#[tokio::test]
async fn ready_once_every_dependency_answers() -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let server = Server::start(&stack).await?;
    assert_eq!(server.get("/health/live").await?.status, 200);
    let ready = server.get("/health/ready").await?;
    assert_eq!(ready.status, 200, "{}", ready.text);
    let all = json!({ "clickhouse": "ok", "redis": "ok", "mqtt": "ok" });
    assert_eq!(ready.json(), json!({ "status": 1, "msg": "成功", "data": all }));
    Ok(())
}

#[tokio::test]
async fn a_dependency_that_is_away_is_named_and_its_return_seen() -> anyhow::Result<()> {
    let mut stack = Stack::start().await?;
    let server = Server::start(&stack).await?;
    stack.redis.kill().await?;
    let reply = server.get("/health/ready").await?;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")));
    assert_eq!(
        reply.json(),
        json!({ "status": 0, "msg": "服务暂不可用：redis", "data": 0 })
    );
    assert_eq!(server.get("/health/live").await?.status, 200);

    stack.mosquitto.kill().await?;
    stack.chdbd.kill().await?;
    let reply = server.ask("GET", "/health/ready", "en").await?;
    assert_eq!(reply.json()["msg"], "Unavailable: clickhouse, mqtt, redis");

    stack.redis.restart().await?;
    stack.mosquitto.restart().await?;
    stack.chdbd.restart().await?;
    let back = async || {
        server
            .get("/health/ready")
            .await
            .is_ok_and(|reply| reply.status == 200)
    };
    wait_until(Duration::from_secs(120), back).await
}

#[tokio::test]
async fn every_service_says_how_it_is_and_who_has_fallen_silent_is_gone() -> anyhow::Result<()> {
    let world = World::start().await?;
    let reader = world.client(ACCOUNTS[3]).await?;
    let services = async || -> anyhow::Result<Vec<Value>> {
        let status = reader.get("/system/status").await?.data();
        Ok(status["services"].as_array().cloned().unwrap_or_default())
    };
    let spoken = async || services().await.is_ok_and(|services| !services.is_empty());
    wait_until(Duration::from_secs(60), spoken).await?;
    let own = &services().await?[0];
    assert_eq!(
        (&own["name"], &own["is_alive"]),
        (&json!("webserver"), &json!(true))
    );
    let dependencies: Vec<_> = own["checks"].as_object().unwrap().keys().collect();
    assert_eq!(dependencies, ["clickhouse", "mqtt", "redis"], "{own}");

    let silent = |at: i64| {
        json!({ "name": "ops_tcu", "instance": "1", "version": "1", "started": 1, "at": at,
            "checks": {}, "figures": { "backlog_bytes": 7.0 } })
    };
    let now = store::versioned::now();
    let mut redis = world.stack.redis_connection().await?;
    for (field, text) in [
        ("ops_tcu:1", silent(now - 60_000).to_string()),
        ("ops_tcu:2", silent(now - 25 * 3_600_000).to_string()),
        ("ops_tcu:3", "of another version".to_owned()),
    ] {
        let mut said = redis::cmd("HSET");
        said.arg("service:status")
            .arg(field)
            .arg(text)
            .exec_async(&mut redis)
            .await?;
    }
    let services = services().await?;
    let tcu: Vec<_> = services.iter().filter(|one| one["name"] == "ops_tcu").collect();
    assert_eq!(tcu.len(), 1, "{services:?}");
    assert_eq!(
        (&tcu[0]["is_alive"], &tcu[0]["figures"]["backlog_bytes"]),
        (&json!(false), &json!(7.0))
    );
    Ok(())
}

#[tokio::test]
async fn the_broker_is_asked_with_credentials_through_tls() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let tls = TlsListener::make(folder.path())?;
    let mut lines = tls.lines.clone();
    lines.extend(password_lines(folder.path(), &[("web", "secret")])?);
    let stack = Stack::start_with(|broker| broker.extra.extend(lines)).await?;
    let mut config = config(&stack)?;
    config.mqtt.broker = format!("localhost:{}", tls.port)
        .parse()
        .map_err(anyhow::Error::msg)?;
    config.mqtt.ca_file = tls.ca_file.try_into().map_err(anyhow::Error::msg)?;
    let server = Server::start_as(config.clone()).await?;
    let reply = server.get("/health/ready").await?;
    assert_eq!(
        (reply.status, &reply.json()["msg"]),
        (503, &json!("服务暂不可用：mqtt"))
    );

    config.mqtt.username = "web".to_owned();
    config.mqtt.password = Secret::new("secret");
    let server = Server::start_as(config).await?;
    let reply = server.get("/health/ready").await?;
    assert_eq!(reply.status, 200, "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn metrics_version_and_unknown_paths() -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let server = Server::start(&stack).await?;
    let version = server.get("/version").await?.json();
    assert_eq!(
        version["data"],
        json!({ "name": "webserver", "version": env!("CARGO_PKG_VERSION") })
    );

    let missing = server.get("/no/such/path").await?;
    assert_eq!(
        (missing.status, missing.json()),
        (404, json!({ "status": 0, "msg": "不存在", "data": 0 }))
    );
    let wrong = server.ask("POST", "/version", "en-US").await?;
    assert_eq!(
        (wrong.status, &wrong.json()["msg"]),
        (405, &json!("Method not allowed"))
    );

    let metrics = server.get("/metrics").await?.text;
    assert!(
        metrics.contains("web_requests_total{route=\"/version\",method=\"GET\",status=\"200\"}"),
        "{metrics}"
    );
    assert!(
        metrics.contains("route=\"unmatched\"") && !metrics.contains("/no/such/path"),
        "{metrics}"
    );
    Ok(())
}

#[tokio::test]
async fn an_idle_server_stops_at_once() -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    let server = Server::start(&stack).await?;
    server.get("/health/live").await?;
    server.shutdown.trigger();
    tokio::time::timeout(Duration::from_secs(60), server.serving).await???;
    Ok(())
}

#[tokio::test]
async fn the_program_refuses_a_wrong_configuration_and_stops_on_sigterm() -> anyhow::Result<()> {
    let stack = Stack::start().await?;
    config(&stack)?;
    let file = stack.folder().join("webserver.toml").display().to_string();
    let log = |name: &str| stack.folder().join(name);
    let within = Duration::from_secs(120);

    let wrong = [("OPS__HTTP__LISTN".to_owned(), "x".to_owned())];
    let arguments = ["--config", &file, "--check-config"];
    let mut program =
        WorkspaceProcess::spawn("webserver", "webserver", arguments, wrong, log("check.log")).await?;
    let mut status = None;
    wait_until(within, || {
        status = program.ended().expect("a child can be asked");
        std::future::ready(status.is_some())
    })
    .await?;
    assert_eq!(status.and_then(|status| status.code()), Some(64));
    assert!(program.output().contains("http.listn"), "{}", program.output());

    let arguments = ["--config", &file];
    let mut program =
        WorkspaceProcess::spawn("webserver", "webserver", arguments, [], log("web.log")).await?;
    wait_until(within, async || program.output().contains("serving")).await?;
    assert_eq!(program.stop(within).await?.code(), Some(0));
    Ok(())
}
