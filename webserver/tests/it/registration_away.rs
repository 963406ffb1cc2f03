//! `register` away, killed in the middle, or another than is meant: told as its absence.

use serde_json::json;
use testkit::wait_until;

use crate::register::{Register, SOON, Tcu, world};
use crate::registration::{SN, detail};
use crate::registration_access::changes;
use crate::world::{Client, World};

#[tokio::test]
async fn register_away_is_told_and_comes_back() -> anyhow::Result<()> {
    let (world, mut register) = world().await?;
    let chief = world.chief().await?;
    let mut tcu = Tcu::new(&world, SN).await?;
    assert_eq!(tcu.ask().await?["结果"], "待审核");
    assert_eq!(world.server.get("/health/ready").await?.data()["register"], "ok");

    killed_in_the_middle(&world, &chief, &mut register).await?;
    for (path, body) in changes(SN)
        .into_iter()
        .filter(|(path, _)| !path.ends_with("/swap"))
    {
        let reply = chief.post(path, &body).await?;
        assert_eq!(
            reply.failure(),
            (503, "服务暂不可用：register".to_owned()),
            "{path}"
        );
        assert!(reply.header("retry-after").is_some(), "{path}");
    }
    // What is only read goes on.
    assert_eq!(detail(&chief, SN).await?["sn"], SN);
    let health = world.server.get("/health/ready").await?;
    assert_eq!(health.failure(), (503, "服务暂不可用：register".to_owned()));

    register.start_again().await?;
    wait_until(SOON, || async {
        let health = world.server.get("/health/ready").await;
        health.is_ok_and(|health| health.status == 200)
    })
    .await?;
    // It was refused in the middle, or can be once the lock of the one that was killed has run out. Either way once.
    wait_until(SOON, || async {
        let asked = chief.post("/registration/refuse", &json!({"sn": SN})).await;
        let refused = detail(&chief, SN).await.is_ok_and(|now| now["state"] == "已拒绝");
        refused && asked.is_ok_and(|reply| matches!(reply.status, 200 | 409))
    })
    .await?;
    let done = "SELECT count() FROM operation_record FINAL WHERE operation = '/registration/refuse' AND result = '成功'";
    assert!(world.number(done).await? <= 1);
    Ok(())
}

/// Kills it while it works on a request; whoever asked is told that it is away, or that it is done.
async fn killed_in_the_middle(world: &World, chief: &Client, register: &mut Register) -> anyhow::Result<()> {
    let body = json!({"sn": SN, "reason": "停电"});
    let asking = chief.post("/registration/refuse", &body);
    let killing = async {
        // As soon as the operation is on record.
        wait_until(SOON, || async {
            let begun = world.number("SELECT count() FROM operation_record").await;
            begun.is_ok_and(|begun| begun > 0)
        })
        .await?;
        register.kill().await
    };
    let (reply, killed) = tokio::join!(asking, killing);
    killed?;
    let reply = reply?;
    assert!(matches!(reply.status, 200 | 503), "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn a_wrong_token_or_address_is_registers_absence_not_the_callers_fault() -> anyhow::Result<()> {
    let (world, register) = world().await?;
    let mut config = crate::server::config(&world.stack)?;
    config.register.token = common::config::Secret::new("another");
    config.mqtt.username = "webserver".to_owned();
    // Register itself, which knows another token; something else that answers; and nothing.
    let nobody = "http://127.0.0.1:1".to_owned();
    for url in [register.url(), world.stack.clickhouse_url(), nobody] {
        config.register.url = url.clone();
        let server = crate::server::Server::start_as(config.clone()).await?;
        let chief = world.chief().await?.at(&server);
        let body = json!({"model": "M", "contract_num": ""});
        let reply = chief.post("/registration/allow_list/add", &body).await?;
        assert_eq!(
            reply.failure(),
            (503, "服务暂不可用：register".to_owned()),
            "{url}"
        );
        let health = server.get("/health/ready").await?.failure();
        assert!(health.1.contains("register"), "{url}: {health:?}");
        server.shutdown.trigger();
    }
    Ok(())
}
