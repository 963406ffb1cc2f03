//! A batch of commands while ops_tcu is killed: what must not be done twice arrives once at most, and all of it ends.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::world::{LATER, World, message, until};

/// Many commands, killed at whatever moment it is: each arrives, none that must not be done twice does so twice.
#[tokio::test]
async fn ops_tcu_is_killed_again_and_again_in_a_batch() -> anyhow::Result<()> {
    const PILES: u64 = 60;
    let settings = [
        ("COMMAND__RETRY_PAUSE", "2s"),
        ("COMMAND__RATE_PER_S", "30"),
        ("WAL__GROUP_INTERVAL", "20ms"),
    ];
    let mut world = World::start(&settings).await?;
    let mut piles = world.piles().await?;
    for pile in 0..PILES {
        let uuid = message::uuid(pile);
        piles
            .publish(&message::msg(&uuid), message::login(1, "SN"))
            .await?;
    }
    world
        .until_number("SELECT count() FROM login_record", PILES)
        .await?;
    world
        .until_state(&message::uuid(PILES - 1), |state| state.online)
        .await?;
    let asked = |pile: u64, command: &str| {
        let mark = format!("b1-{pile}-{command}");
        json!({"命令": command, "请求标识": mark, "来源": "connector:batch", "超时_秒": 120}).to_string()
    };
    let batch = ["重启", "软件版本查询"];
    let mut received: Vec<(String, Value)> = Vec::new();
    for round in 0..4 {
        for pile in 0..PILES {
            for command in batch {
                let topic = format!("/xjdy/ops/v1/PXY/{}/cmd", message::uuid(pile));
                piles.publish(&topic, asked(pile, command)).await?;
            }
        }
        // In the middle of it: some have gone out, most wait.
        let enough = 20 * (round + 1);
        until("some have arrived", LATER, async || {
            let new = piles.received();
            let new = new.iter().filter(|m| m.topic.ends_with("/cmd"));
            received.extend(new.map(|m| {
                (
                    m.topic.clone(),
                    serde_json::from_slice(&m.payload).unwrap_or_default(),
                )
            }));
            received.len() >= enough + PILES as usize
        })
        .await?;
        world.tcu.kill().await?;
        world.tcu.start_again().await?;
    }
    // From now on the piles answer whatever they have heard and hear.
    let mut answered = HashSet::new();
    let all = PILES as usize * batch.len();
    until("all are over", LATER, async || {
        let new = piles.received();
        let new = new.iter().filter(|m| m.topic.ends_with("/cmd"));
        received.extend(new.map(|m| (m.topic.clone(), serde_json::from_slice(&m.payload).unwrap_or_default())));
        for (topic, said) in &received {
            let command = said["命令"].as_str().unwrap_or_default().to_owned();
            if batch.contains(&command.as_str()) && answered.insert((topic.clone(), said["reqid"].to_string())) {
                let answer = json!({"命令": format!("{command}应答"), "reqid": said["reqid"], "结果": "成功"});
                let to = topic.replace("/cmd", "/msg");
                let _ = piles.publish(&to, answer.to_string()).await;
            }
        }
        let over = "SELECT count() FROM command_record FINAL WHERE state = 'answered'";
        world.number(over).await.is_ok_and(|over| over >= all as u64 - 3)
            && world
                .number("SELECT count() FROM command_record FINAL WHERE state IN ('queued', 'sent') AND command != '重启'")
                .await
                .is_ok_and(|open| open == 0)
    })
    .await?;
    for pile in 0..PILES {
        let topic = message::cmd(&message::uuid(pile));
        let restarts = received
            .iter()
            .filter(|(to, said)| *to == topic && said["命令"] == "重启")
            .count();
        assert!(restarts <= 1, "pile {pile} restarted {restarts} times");
    }
    let numbers = "SELECT count() FROM (SELECT DISTINCT device_id, created_time, reqid FROM command_record)";
    assert_eq!(
        world.number(numbers).await?,
        all as u64,
        "each mark is one command"
    );
    Ok(())
}
