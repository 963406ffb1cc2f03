//! ClickHouse, Redis or the broker away, also in the middle of an operation.

use std::time::Duration;

use serde_json::json;
use testkit::FaultProxy;

use super::world::{World, until};

#[tokio::test]
async fn what_is_away_is_named_and_nothing_is_changed() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let register = world.register("r1").await?;
    world.ask("SN1", "X").await?;
    // The desk gives its lock back behind the answer; one that Redis takes along would outlast it.
    let mut redis = world.stack.redis_connection().await?;
    until("nothing is locked", async || {
        let locks: Result<Vec<String>, _> = redis::cmd("KEYS").arg("lock:*").query_async(&mut redis).await;
        locks.is_ok_and(|locks| locks.is_empty())
    })
    .await?;
    world.stack.redis.kill().await?;
    let reply = register
        .post("/registration/approve", &json!({"sn": "SN1"}))
        .await?;
    assert_eq!(
        (reply.status, reply.retry_after.as_deref()),
        (503, Some("5")),
        "{reply:?}"
    );
    assert_eq!(reply.body["msg"], "平台暂不可用(Redis)，请稍后重试");
    world.stack.redis.restart().await?;

    world.stack.chdbd.kill().await?;
    let reply = register
        .post("/registration/approve", &json!({"sn": "SN1"}))
        .await?;
    assert_eq!(
        (reply.status, reply.retry_after.as_deref()),
        (503, Some("5")),
        "{reply:?}"
    );
    assert_eq!(reply.body["msg"], "平台暂不可用(ClickHouse)，请稍后重试");
    world.stack.chdbd.restart().await?;
    assert_eq!(world.registration(&register, "SN1").await?["state"], "待审核");
    until("it can be approved again", async || {
        let reply = register
            .post("/registration/approve", &json!({"sn": "SN1"}))
            .await;
        reply.is_ok_and(|reply| reply.status == 200)
    })
    .await
}

/// Redis goes at any moment of a change: what is answered with 503 is not done, and can be done again.
#[tokio::test]
async fn what_fails_for_want_of_redis_is_not_done() -> anyhow::Result<()> {
    let world = World::start().await?;
    let port = world.stack.redis_url();
    let port = port.trim_end_matches('/').rsplit(':').next().unwrap().parse()?;
    let way = FaultProxy::start(port).await?;
    let redis = format!("redis://127.0.0.1:{}", way.port());
    let register = world.register_at("r1", redis, |_| {}).await?;
    world.allow("X").await?;
    world.ask("SN1", "X").await?;
    let body = json!({"sn": "SN1"});
    for round in 0..12_u64 {
        let path = ["/registration/disable", "/registration/enable"][round as usize % 2];
        let before = world.registration(&register, "SN1").await?["state"].clone();
        let cut = async {
            tokio::time::sleep(Duration::from_millis(3 * round)).await;
            way.cut();
        };
        let (reply, ()) = tokio::join!(register.post(path, &body), cut);
        way.heal();
        let reply = reply?;
        let after = world.registration(&register, "SN1").await?["state"].clone();
        match reply.status {
            200 => assert_ne!(before, after, "{round}: {reply:?}"),
            503 => assert_eq!(before, after, "{round}: {reply:?}"),
            _ => panic!("{round}: {reply:?}"),
        }
        if reply.status == 503 {
            // Its lock may have to run out.
            until("it can be done again", async || {
                let again = register.post(path, &body).await;
                again.is_ok_and(|reply| reply.status == 200)
            })
            .await?;
        }
    }
    Ok(())
}

/// Without a record nothing is done.
#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() -> anyhow::Result<()> {
    let world = World::start().await?;
    let register = world.register("r1").await?;
    world.ask("SN1", "X").await?;
    world.run("RENAME TABLE operation_record TO elsewhere").await?;
    let reply = register
        .post("/registration/refuse", &json!({"sn": "SN1"}))
        .await?;
    assert_eq!(
        (reply.status, reply.body),
        (503, json!({"status": 0, "msg": "操作记录生成异常", "data": 0}))
    );
    assert_eq!(world.registration(&register, "SN1").await?["state"], "待审核");
    world.run("RENAME TABLE elsewhere TO operation_record").await?;
    register
        .done("/registration/refuse", &json!({"sn": "SN1"}))
        .await?;
    Ok(())
}

/// The broker away: the truth is changed, the answer says what is still to come.
#[tokio::test]
async fn the_broker_is_told_later() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let register = world.register("r1").await?;
    world.allow("X").await?;
    world.ask("SN1", "X").await?;
    world.stack.mosquitto.kill().await?;
    let disabled = register
        .done("/registration/disable", &json!({"sn": "SN1"}))
        .await?;
    assert_eq!(
        (&disabled["state"], &disabled["broker"]),
        (&json!("已停用"), &json!("将在消息服务器恢复后生效"))
    );
    Ok(())
}

/// ClickHouse dies at any moment of a change of uuid: the next call completes it, with one uuid.
#[tokio::test]
async fn killed_in_the_middle_of_a_change_the_next_call_completes_it() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let register = world.register("r1").await?;
    world.allow("X").await?;
    let told = world.ask("SN1", "X").await?;
    world.adopt(7001, told["uuid"].as_str().unwrap()).await?;
    let (path, body) = ("/registration/change_uuid", json!({"sn": "SN1"}));
    let mut uuid = told["uuid"].as_str().unwrap().to_owned();
    for round in 0..6_u64 {
        let kill = async {
            tokio::time::sleep(Duration::from_millis(15 * round)).await;
            world.stack.chdbd.kill().await
        };
        let (reply, killed) = tokio::join!(register.post(path, &body), kill);
        killed?;
        let reply = reply?;
        assert!([200, 409, 503].contains(&reply.status), "{reply:?}");
        world.stack.chdbd.restart().await?;
        until("the change is completed", async || {
            register
                .post(path, &body)
                .await
                .is_ok_and(|reply| reply.status == 200)
        })
        .await?;
        let now = world.registration(&register, "SN1").await?;
        assert_eq!(now["former_uuid"], uuid, "one change, whatever was repeated");
        uuid = now["uuid"].as_str().unwrap().to_owned();
        // It follows, so that the next round changes it again.
        world.login(7001, &uuid, "SN1", 0).await?;
        until("the new uuid is in use", async || {
            let now = world.registration(&register, "SN1").await;
            let name = world
                .text("SELECT name FROM asset FINAL WHERE device_id = 7001")
                .await;
            now.is_ok_and(|now| now["former_uuid"] == "") && name.is_ok_and(|name| name == uuid)
        })
        .await?;
    }
    Ok(())
}

/// The same for a swap, which changes two registrations and the asset.
#[tokio::test]
async fn killed_in_the_middle_of_a_swap_all_tables_agree_afterwards() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let register = world.register("r1").await?;
    world.allow("X").await?;
    let told = world.ask("SN0", "X").await?;
    world.adopt(7001, told["uuid"].as_str().unwrap()).await?;
    for round in 0..6_u64 {
        let body = json!({"device_id": 7001, "new_sn": format!("SN{}", round + 1)});
        let kill = async {
            tokio::time::sleep(Duration::from_millis(15 * round)).await;
            world.stack.chdbd.kill().await
        };
        let (reply, killed) = tokio::join!(register.post("/registration/swap", &body), kill);
        killed?;
        let reply = reply?;
        assert!([200, 409, 503].contains(&reply.status), "{reply:?}");
        world.stack.chdbd.restart().await?;
        until("the swap is completed", async || {
            let reply = register.post("/registration/swap", &body).await;
            reply.is_ok_and(|reply| {
                reply.status == 200 || reply.body["msg"].as_str() == Some("该TCU已在这台桩上")
            })
        })
        .await?;
        let name = world
            .text("SELECT name FROM asset FINAL WHERE device_id = 7001")
            .await?;
        let on_it = format!(
            "SELECT count() FROM registration FINAL WHERE state IN ('已注册', '在役') AND uuid = '{name}' \
             AND device_id = 7001 AND sn = 'SN{}'",
            round + 1
        );
        assert_eq!(world.number(&on_it).await?, 1);
        let all = "SELECT count() FROM registration FINAL WHERE state IN ('已注册', '在役')";
        assert_eq!(world.number(all).await?, 1, "the others are released");
    }
    Ok(())
}
