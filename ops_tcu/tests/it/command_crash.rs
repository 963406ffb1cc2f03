//! Commands while something is killed or cut. What the pile really received is counted on its side: what must not be
//! done twice arrives once at most, everything else ends, and nothing is stuck.

use anyhow::Context;
use serde_json::{Value, json};
use testkit::{FaultProxy, MqttClient};

use crate::commands::{ask, delivered, outcome, outcomes, step};
use crate::world::{LATER, SOON, Settings, World, message, until};

/// What a pile heard since it was last asked, but for replies.
fn heard(piles: &mut MqttClient, uuid: &str) -> Vec<Value> {
    let heard = piles.received();
    heard
        .iter()
        .filter(|m| m.topic == message::cmd(uuid))
        .filter_map(|m| serde_json::from_slice::<Value>(&m.payload).ok())
        .filter(|said| !said["命令"].as_str().is_some_and(|c| c.ends_with("应答")))
        .collect()
}

async fn log_in(world: &World, piles: &mut MqttClient, uuid: &str) -> anyhow::Result<()> {
    piles
        .publish(&message::msg(uuid), message::login(1, "SN1"))
        .await?;
    world.until_state(uuid, |state| state.online).await
}

async fn log_out(world: &World, piles: &mut MqttClient, uuid: &str) -> anyhow::Result<()> {
    let status = format!("/xjdy/ops/v1/TCU/{uuid}/status");
    piles.publish(&status, r#"{"状态":"离线"}"#).await?;
    world.until_state(uuid, |state| !state.online).await
}

/// The newest version of the command under this mark.
async fn record(world: &World, mark: &str, state: &str) -> anyhow::Result<Value> {
    let sql = format!(
        "SELECT reqid, state, reason, attempts, source FROM command_record FINAL \
         WHERE caller = '{mark}' AND state = '{state}'"
    );
    Ok(world.until_rows(&sql, 1).await?.remove(0))
}

async fn number_of_commands(world: &World) -> anyhow::Result<u64> {
    world.until_drained().await?;
    world
        .number("SELECT uniqExact(device_id, created_time, reqid) FROM command_record")
        .await
}

/// Killed while the row is only in the log, or in the database already.
#[tokio::test]
async fn what_waits_for_a_pile_survives_kills_and_keeps_its_password() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    log_in(&world, &mut piles, uuid).await?;
    log_out(&world, &mut piles, uuid).await?;
    let summon = json!({
        "命令": "日志召唤", "服务器地址": "192.0.2.7", "端口": 21, "用户名": "u", "密码": "geheim",
        "FTP路径": format!("/ops/{uuid}/upload/log/a.log"), "文件名": "a.log", "超时_秒": 3600,
    });
    ask(&mut piles, uuid, "log", summon.clone()).await?;
    ask(
        &mut piles,
        uuid,
        "restart",
        json!({"命令": "重启", "超时_秒": 3600}),
    )
    .await?;
    outcome(&mut piles, uuid, "restart", "queued").await?;
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    world.until_drained().await?;
    let kept = world.rows("SELECT request FROM command_record").await?;
    assert!(!format!("{kept:?}").contains("geheim"), "{kept:?}");
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    // The broker, or a service that was away, asks once more.
    ask(
        &mut piles,
        uuid,
        "restart",
        json!({"命令": "重启", "超时_秒": 3600}),
    )
    .await?;
    outcome(&mut piles, uuid, "restart", "queued").await?;
    assert!(heard(&mut piles, uuid).is_empty());

    piles
        .publish(&message::msg(uuid), message::login(2, "SN1"))
        .await?;
    let restart = delivered(&mut piles, uuid, "重启").await?;
    let log = delivered(&mut piles, uuid, "日志召唤").await?;
    assert_eq!(log["密码"], "geheim");
    for (command, reqid) in [("重启应答", &restart["reqid"]), ("日志上传完成", &log["reqid"])] {
        let said = json!({"命令": command, "reqid": reqid, "结果": "成功"});
        piles.publish(&message::msg(uuid), said.to_string()).await?;
    }
    outcome(&mut piles, uuid, "restart", "answered").await?;
    outcome(&mut piles, uuid, "log", "answered").await?;
    assert_eq!(number_of_commands(&world).await?, 2);
    let mut redis = world.stack.redis_connection().await?;
    let left: Vec<String> = redis::cmd("KEYS")
        .arg("tcu:command:*")
        .query_async(&mut redis)
        .await?;
    assert!(left.is_empty(), "a password outlives its command: {left:?}");
    world.tcu.assert_log_is_clean();
    Ok(())
}

#[tokio::test]
async fn a_command_whose_password_is_lost_ends_and_says_so() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    log_in(&world, &mut piles, uuid).await?;
    log_out(&world, &mut piles, uuid).await?;
    let download = json!({"命令": "下载", "文件类型": "程序包", "密码": "geheim", "超时_秒": 3600});
    ask(&mut piles, uuid, "d", download).await?;
    outcome(&mut piles, uuid, "d", "queued").await?;
    world.tcu.kill().await?;
    let mut redis = world.stack.redis_connection().await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
    world.tcu.start_again().await?;
    let told = outcome(&mut piles, uuid, "d", "failed").await?;
    assert!(
        told["失败原因"].as_str().is_some_and(|why| why.contains("密码")),
        "{told}"
    );
    record(&world, "d", "failed").await?;
    Ok(())
}

#[tokio::test]
async fn a_password_is_kept_once_redis_is_back() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    log_in(&world, &mut piles, uuid).await?;
    log_out(&world, &mut piles, uuid).await?;
    world.stack.redis.kill().await?;
    let download = json!({"命令": "下载", "文件类型": "程序包", "密码": "geheim", "超时_秒": 3600});
    ask(&mut piles, uuid, "d", download).await?;
    outcome(&mut piles, uuid, "d", "queued").await?;
    world.stack.redis.restart().await?;
    let mut redis = world.stack.redis_connection().await?;
    until("it is kept", LATER, async || {
        let mut keys = redis::cmd("KEYS");
        let kept = keys
            .arg("tcu:command:*")
            .query_async::<Vec<String>>(&mut redis)
            .await;
        kept.is_ok_and(|kept| kept.len() == 1)
    })
    .await?;
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    piles
        .publish(&message::msg(uuid), message::login(2, "SN1"))
        .await?;
    let delivered = delivered(&mut piles, uuid, "下载").await?;
    assert_eq!(delivered["密码"], "geheim");
    Ok(())
}

/// Killed between the sending and the answer: the answer still closes it, what is not answered ends at its deadline,
/// and only what may be done twice is sent again.
#[tokio::test]
async fn what_is_in_flight_survives_kills_and_is_not_done_twice() -> anyhow::Result<()> {
    let mut world = World::start(&[("COMMAND__RETRY_PAUSE", "2s")]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    log_in(&world, &mut piles, uuid).await?;
    ask(
        &mut piles,
        uuid,
        "restart",
        json!({"命令": "重启", "超时_秒": 3600}),
    )
    .await?;
    ask(
        &mut piles,
        uuid,
        "heal",
        json!({"命令": "无感自愈", "超时_秒": 15}),
    )
    .await?;
    ask(
        &mut piles,
        uuid,
        "sim",
        json!({"命令": "SIM卡召唤", "超时_秒": 3600}),
    )
    .await?;
    let restart = delivered(&mut piles, uuid, "重启").await?;
    delivered(&mut piles, uuid, "无感自愈").await?;
    let sim = delivered(&mut piles, uuid, "SIM卡召唤").await?;
    for _ in 0..2 {
        world.tcu.kill().await?;
        world.tcu.start_again().await?;
        // Delivered once more, by a broker that has not heard that it was taken.
        ask(
            &mut piles,
            uuid,
            "restart",
            json!({"命令": "重启", "超时_秒": 3600}),
        )
        .await?;
    }
    let again = delivered(&mut piles, uuid, "SIM卡召唤").await?;
    assert_eq!(again, sim, "the same, under the same number");
    for (command, reqid) in [("重启应答", &restart["reqid"]), ("SIM卡召唤应答", &sim["reqid"])] {
        let said = json!({"命令": command, "reqid": reqid, "结果": "成功"});
        piles.publish(&message::msg(uuid), said.to_string()).await?;
    }
    outcome(&mut piles, uuid, "restart", "answered").await?;
    outcome(&mut piles, uuid, "sim", "answered").await?;
    outcome(&mut piles, uuid, "heal", "timed_out").await?;
    let more = heard(&mut piles, uuid);
    assert!(more.iter().all(|said| said["命令"] == "SIM卡召唤"), "{more:?}");
    assert_eq!(number_of_commands(&world).await?, 3);
    let record = record(&world, "restart", "answered").await?;
    assert_eq!(
        (&record["attempts"], &record["reqid"]),
        (&json!(1), &restart["reqid"])
    );
    world.tcu.assert_log_is_clean();
    Ok(())
}

/// The way out is cut while commands are on it: what may be done twice arrives when it heals, without being sent again
/// for want of an answer; what must not arrives once at most.
#[tokio::test]
async fn the_way_to_the_broker_is_cut_while_commands_are_on_it() -> anyhow::Result<()> {
    cut_while_commands_are_on_their_way("3.1.1").await
}

#[tokio::test]
async fn the_way_to_the_broker_is_cut_over_mqtt_5() -> anyhow::Result<()> {
    cut_while_commands_are_on_their_way("5").await
}

async fn cut_while_commands_are_on_their_way(version: &str) -> anyhow::Result<()> {
    let mut kept = None;
    let world = World::start_with(async |stack| {
        let proxy = FaultProxy::start(stack.mqtt_port()).await?;
        let broker = format!("127.0.0.1:{}", proxy.port());
        kept = Some(proxy);
        Ok(Settings::of(stack).with(&[
            ("MQTT__BROKERS", &broker),
            ("COMMAND__RETRY_PAUSE", "0s"),
            // So that most of them leave only when nothing comes in any more.
            ("COMMAND__RATE_PER_S", "4"),
            ("MQTT__VERSION", version),
        ]))
    })
    .await?;
    let proxy = kept.context("the proxy was started above")?;
    let mut piles = world.piles().await?;
    let uuids: Vec<_> = (0..20).map(message::uuid).collect();
    for uuid in &uuids {
        log_in(&world, &mut piles, uuid).await?;
    }
    let _ = piles.received();
    for (n, uuid) in uuids.iter().enumerate() {
        let command = if n % 2 == 0 {
            "重启"
        } else {
            "软件版本查询"
        };
        let asked = json!({"命令": command, "请求标识": format!("cut-{n}"), "超时_秒": 120});
        piles
            .publish(&format!("/xjdy/ops/v1/PXY/{uuid}/cmd"), asked.to_string())
            .await?;
    }
    outcome(&mut piles, &uuids[18], "cut-18", "queued").await?;
    outcome(&mut piles, &uuids[19], "cut-19", "queued").await?;
    let count = async |kind: &str| {
        let label = format!(r#"kind="{kind}""#);
        world.tcu.metric("ops_tcu_commands_total", &label).await
    };
    proxy.stall();
    let before = count("sent").await?;
    until("some leave and nobody confirms them", SOON, async || {
        count("sent").await.is_ok_and(|now| now >= before + 6.0)
    })
    .await?;
    proxy.cut();
    until("the cut is felt", SOON, async || {
        world.tcu.is_ready().await == Some(false)
    })
    .await?;
    proxy.heal();
    world.tcu.until_ready().await?;
    for (n, uuid) in uuids.iter().enumerate().filter(|(n, _)| n % 2 == 1) {
        let said = delivered(&mut piles, uuid, "软件版本查询").await?;
        let answer = json!({"命令": "软件版本查询应答", "reqid": said["reqid"], "结果": "成功"});
        piles.publish(&message::msg(uuid), answer.to_string()).await?;
        outcome(&mut piles, uuid, &format!("cut-{n}"), "answered").await?;
    }
    for uuid in &uuids {
        let restarts = heard(&mut piles, uuid);
        let restarts = restarts.iter().filter(|said| said["命令"] == "重启").count();
        assert!(restarts <= 1, "{uuid} restarted {restarts} times");
    }
    assert!(count("given_up").await? >= 1.0, "some restarts were on their way");
    Ok(())
}

/// While the broker is away nothing is sent into the void, and nothing waits in a queue that grows old.
#[tokio::test]
async fn commands_wait_for_the_broker() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    log_in(&world, &mut piles, uuid).await?;
    log_out(&world, &mut piles, uuid).await?;
    ask(
        &mut piles,
        uuid,
        "m",
        json!({"命令": "SIM卡召唤", "超时_秒": 3600}),
    )
    .await?;
    outcome(&mut piles, uuid, "m", "queued").await?;
    drop(piles);
    world.stack.mosquitto.kill().await?;
    world.stack.mosquitto.restart().await?;
    world.tcu.until_ready().await?;
    let mut piles = world.piles().await?;
    piles
        .publish(&message::msg(uuid), message::login(2, "SN1"))
        .await?;
    let said = delivered(&mut piles, uuid, "SIM卡召唤").await?;
    let answer = json!({"命令": "SIM卡召唤应答", "reqid": said["reqid"], "结果": "成功"});
    piles.publish(&message::msg(uuid), answer.to_string()).await?;
    piles
        .expect(&outcomes(uuid), step("m", "answered"), LATER)
        .await?;
    Ok(())
}

/// An answer that comes long after the command has ended and ops_tcu was restarted.
#[tokio::test]
async fn a_late_answer_finds_its_command_after_a_restart() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let uuid = &message::uuid(8708);
    log_in(&world, &mut piles, uuid).await?;
    ask(&mut piles, uuid, "m", json!({"命令": "重启", "超时_秒": 1})).await?;
    let said = delivered(&mut piles, uuid, "重启").await?;
    outcome(&mut piles, uuid, "m", "timed_out").await?;
    world.tcu.kill().await?;
    world.tcu.start_again().await?;
    let answer = json!({"命令": "重启应答", "reqid": said["reqid"], "结果": "成功"});
    piles.publish(&message::msg(uuid), answer.to_string()).await?;
    let told = outcome(&mut piles, uuid, "m", "timed_out").await?;
    assert_eq!(
        (&told["应答"], &told["结果"]),
        (&answer, &json!("成功")),
        "{told}"
    );
    let late = "SELECT count() FROM command_record FINAL WHERE result = '成功' AND state = 'timed_out'";
    world.until_number(late, 1).await?;
    assert_eq!(number_of_commands(&world).await?, 1);
    Ok(())
}
