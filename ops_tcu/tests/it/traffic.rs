//! Every byte both ways is counted, per pile, day and 命令: SIM cards are paid for by it.

use serde_json::json;

use crate::world::{SOON, World, message};

#[tokio::test]
async fn every_byte_is_counted_both_ways() -> anyhow::Result<()> {
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let (uuid, other) = (message::uuid(8708), message::uuid(8709));
    let (topic, cmd) = (message::msg(&uuid), message::cmd(&uuid));
    let status = format!("/xjdy/ops/v1/TCU/{uuid}/status");
    let login = message::login(1, "SN");
    let (run_data, broken) = (message::run_data(2), "{\"命令\":");
    for _ in 0..3 {
        piles.publish(&topic, run_data.clone()).await?;
    }
    piles.publish(&topic, broken).await?;
    let online = r#"{"状态":"在线"}"#;
    piles.publish(&status, online).await?;
    // The answers to the logins say that everything before them has been taken in.
    let mut replies = Vec::new();
    for uuid in [&uuid, &other] {
        piles.publish(&message::msg(uuid), login.clone()).await?;
        let heard = piles
            .expect(&message::cmd(uuid), message::is("登录应答", 1), SOON)
            .await?;
        replies.push(cmd.len() + heard.payload.len());
    }
    // Counts are written every few minutes, and at the stop.
    world.tcu.stop(SOON).await?;
    let rows = world
        .rows(
            "SELECT name, command, direction, sum(messages) AS messages, sum(bytes) AS bytes, \
             max(abs(day - toDate(now(), 'Asia/Shanghai'))) <= 1 AS today \
             FROM traffic_daily AS t JOIN asset AS a ON a.device_id = t.device_id \
             GROUP BY name, command, direction ORDER BY name, command, direction",
        )
        .await?;
    let row = |uuid: &str, command: &str, direction: &str, messages: usize, bytes: usize| json!({"name": uuid, "command": command, "direction": direction, "messages": messages, "bytes": bytes, "today": 1});
    let mut expected = [
        row(&uuid, "", "up", 1, topic.len() + broken.len()),
        row(&uuid, "状态", "up", 1, status.len() + online.len()),
        row(&uuid, "登录", "up", 1, topic.len() + login.len()),
        row(&uuid, "登录应答", "down", 1, replies[0]),
        row(&uuid, "运行数据", "up", 3, 3 * (topic.len() + run_data.len())),
        row(&other, "登录", "up", 1, topic.len() + login.len()),
        row(&other, "登录应答", "down", 1, replies[1]),
    ];
    expected.sort_by_key(|row| (row["name"].to_string(), row["command"].to_string()));
    assert_eq!(rows, expected);
    Ok(())
}
