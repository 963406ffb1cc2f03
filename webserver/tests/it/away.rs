//! Every route of the OpenAPI document while Redis or ClickHouse is away: told with 503 and when to ask again, and
//! never with another 5xx.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::asset::set_state;
use crate::document::sample;
use crate::piles::{Events, PILE, UUID, furnish};
use crate::server::Reply;
use crate::world::{Client, World};

/// What every route answers to somebody who means well; streams have no end (they are below), and signing out is the
/// end.
async fn walk(world: &World, client: &Client) -> anyhow::Result<Vec<(String, Reply)>> {
    let document = webserver::openapi_document();
    let mut replies = Vec::new();
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        if path.ends_with("/stream") || path == "/command/events" || path == "/auth/logout" {
            continue;
        }
        for (method, operation) in item.as_object().expect("a path has operations") {
            if operation["security"].is_null() {
                continue;
            }
            let reply = match method.as_str() {
                "get" => client.get(&format!("{path}{}", required(operation))).await?,
                _ => ask(&document, client, path, operation).await?,
            };
            let told = operation["responses"][reply.status.to_string()].is_object();
            assert!(told, "{method} {path}: {} {}", reply.status, reply.text);
            replies.push((path.clone(), reply));
        }
    }
    assert_eq!(world.server.get("/health/live").await?.status, 200);
    Ok(replies)
}

/// The query string that the route cannot do without.
fn required(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let given = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let given = given.filter_map(|parameter| parameter["name"].as_str());
    let pairs: Vec<_> = given.map(|name| format!("{name}=1")).collect();
    format!("?{}", pairs.join("&"))
}

async fn ask(document: &Value, client: &Client, path: &str, operation: &Value) -> anyhow::Result<Reply> {
    match operation["requestBody"]["content"]
        .as_object()
        .and_then(|content| content.iter().next())
    {
        Some((media, content)) if media == "application/json" => {
            client.post(path, &sample(document, &content["schema"])).await
        }
        Some((media, _)) => {
            let headers = [("content-type", media.as_str())];
            client
                .request("POST", path, &headers, Bytes::from_static(b"a,b\n1,2\n"))
                .await
        }
        None => client.post(path, &json!({})).await,
    }
}

/// Routes behind which `register` is asked at once.
const ASKS_REGISTER: [&str; 5] = [
    "/registration/allow_list/add",
    "/registration/allow_list/delete",
    "/broker_account/add",
    "/broker_account/reset_password",
    "/broker_account/delete",
];

/// Lists that memory holds; Redis tells whether it is up to date.
const FROM_MEMORY: [&str; 1] = ["/user/list"];

fn tells(reply: &Reply, name: &str) -> bool {
    reply.header("retry-after").is_some() && reply.failure() == (503, format!("服务暂不可用：{name}"))
}

#[tokio::test]
async fn without_redis_every_route_says_so() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let client = world.chief().await?;
    world.stack.redis.kill().await?;
    for (path, reply) in walk(&world, &client).await? {
        assert!(tells(&reply, "redis"), "{path}: {} {}", reply.status, reply.text);
    }
    let health = world.server.get("/health/ready").await?;
    assert_eq!(health.failure(), (503, "服务暂不可用：redis".to_owned()));
    Ok(())
}

#[tokio::test]
async fn without_clickhouse_every_route_that_needs_it_says_so() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let client = world.chief().await?;
    world.stack.chdbd.kill().await?;
    let (mut told, mut refused) = (0, Vec::new());
    for (path, reply) in walk(&world, &client).await? {
        match reply.status {
            // Nothing is read for them here, and there is no register.
            503 if ASKS_REGISTER.contains(&path.as_str()) => {
                assert!(tells(&reply, "register"), "{path}: {}", reply.text);
            }
            503 => {
                assert!(tells(&reply, "clickhouse"), "{path}: {}", reply.text);
                told += 1;
            }
            // A rule of the sample's values, or what is in memory or in Redis.
            status => refused.push((path, status)),
        }
    }
    assert!(told > 30, "{told} tell of it, not: {refused:?}");
    let lists = refused.iter().filter(|(path, _)| path.ends_with("/list"));
    let lists = lists.filter(|(_, status)| *status == 200);
    let lists: Vec<_> = lists.map(|(path, _)| path.as_str()).collect();
    assert_eq!(lists, FROM_MEMORY);
    let health = world.server.get("/health/ready").await?;
    assert_eq!(health.failure(), (503, "服务暂不可用：clickhouse".to_owned()));
    Ok(())
}

const MONITOR: &str = "/station/monitor/stream?sta_id=2001";

/// A world with piles, and both streams of one of them.
async fn streaming() -> anyhow::Result<(World, Client, Events, Events, String)> {
    let world = World::start().await?;
    furnish(&world).await?;
    let client = world.chief().await?;
    let mut monitor = Events::open(&world, &client, MONITOR).await?;
    let snapshot = monitor.next("snapshot", |_| true).await?;
    assert_eq!(snapshot["piles"].as_array().map(Vec::len), Some(2), "{snapshot}");
    let path = format!("/command/events?device_id={PILE}");
    let mut steps = Events::open(&world, &client, &path).await?;
    steps.next("ready", |_| true).await?;
    Ok((world, client, monitor, steps, path))
}

#[tokio::test]
async fn streams_end_when_redis_stays_away() -> anyhow::Result<()> {
    let (mut world, client, mut monitor, mut steps, path) = streaming().await?;
    world.stack.redis.kill().await?;
    for path in [MONITOR, &path] {
        let reply = client.get(path).await?;
        assert!(tells(&reply, "redis"), "{path}: {} {}", reply.status, reply.text);
    }
    // Nobody knows any more whether the session goes on.
    for stream in [&mut monitor, &mut steps] {
        let end = stream.next("nothing", |_| true).await.unwrap_err();
        assert_eq!(end.to_string(), "the stream has ended");
    }
    Ok(())
}

#[tokio::test]
async fn what_piles_do_is_streamed_without_clickhouse() -> anyhow::Result<()> {
    let (mut world, client, mut monitor, _steps, path) = streaming().await?;
    world.stack.chdbd.kill().await?;
    let reply = client.get(&path).await?;
    assert!(tells(&reply, "clickhouse"), "{} {}", reply.status, reply.text);
    set_state(&world, UUID, PILE, &["充电"]).await?;
    monitor
        .next("change", |change| change["piles"][0]["state"] == "充电")
        .await?;
    Ok(())
}
