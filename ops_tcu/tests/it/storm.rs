//! Warnings by the hundred, warnings that staff have defined, and two piles under one uuid.

use serde_json::json;

use crate::world::{SOON, World, message, until};

#[tokio::test]
async fn a_storm_of_one_warning_is_folded_and_nobody_else_s_is() -> anyhow::Result<()> {
    const STORM: u32 = 500;
    let mut world = World::start(&[]).await?;
    let mut piles = world.piles().await?;
    let (stormy, calm) = (message::uuid(1), message::uuid(2));
    let began = message::now() - 600_000;
    let event = |reqid: u32, code: &str, state: &str, at: i64| {
        json!({
            "命令": "事件上送", "reqid": reqid, "数据分区": "1枪数据", "系统时间": message::time(message::now()), "告警名称": "通信中断",
            "告警代码": code, "状态": state, "产生时间": message::time(at),
        })
        .to_string()
    };
    // It comes and goes, 500 times within a minute of this test, each time at another second of the pile's clock.
    for n in 0..STORM {
        let at = began + i64::from(n) * 1000;
        let topic = message::msg(&stormy);
        piles.publish(&topic, event(2 * n + 1, "E7", "发生", at)).await?;
        piles
            .publish(&topic, event(2 * n + 2, "E7", "恢复", at + 500))
            .await?;
        if n % 100 == 0 {
            piles
                .publish(&topic, event(10_000 + n, &format!("F{n}"), "发生", at))
                .await?;
            piles
                .publish(&message::msg(&calm), event(n + 1, "E7", "发生", at))
                .await?;
        }
    }
    // Every one of them is answered, or the pile would send it for ever.
    for reqid in 1..=2 * STORM {
        piles
            .expect(&message::cmd(&stormy), message::is("事件确认", reqid), SOON)
            .await?;
    }
    // A minute later, or at the stop, the folded row learns how many there were.
    world.tcu.stop(SOON).await?;
    let warnings = world
        .rows(
            "SELECT name, warn_code AS code, count() AS rows, sum(count) AS occurrences, countIf(state = '发生') AS open \
             FROM (SELECT * FROM warn_record FINAL) AS w JOIN asset AS a ON a.device_id = w.device_id \
             GROUP BY name, code ORDER BY name, code",
        )
        .await?;
    let row = |uuid: &str, code: &str, rows: u32, occurrences: u32, open: u32| json!({"name": uuid, "code": code, "rows": rows, "occurrences": occurrences, "open": open});
    let mut expected = vec![row(&stormy, "E7", 20, STORM, 0)];
    expected.extend([0, 100, 200, 300, 400].map(|n| row(&stormy, &format!("F{n}"), 1, 1, 1)));
    expected.push(row(&calm, "E7", 5, 5, 5));
    assert_eq!(warnings, expected);
    world.tcu.assert_log_is_clean();
    Ok(())
}

/// Staff import definitions while everything runs; by code, else by name, else by the class of the code.
#[tokio::test]
async fn a_warning_has_the_level_and_class_that_staff_gave_it() -> anyhow::Result<()> {
    let settings = [("DEVICE__REFRESH", "1s"), ("DEVICE__STORM_PER_MINUTE", "10000")];
    let world = World::start(&settings).await?;
    let mut piles = world.piles().await?;
    for sql in [
        "INSERT INTO warn_class_def SELECT 1, 0, 5, '通信', ''",
        "INSERT INTO warn_level_class SELECT 1, 0, 5, 3",
        "INSERT INTO warn_level SELECT 1, 0, 'E1', 1",
        "INSERT INTO warn_name_table SELECT 1, 0, 'E1', '急停', 5, ''",
        "INSERT INTO warn_name_table SELECT 1, 0, 'E2', '通信中断', 5, ''",
    ] {
        world.stack.clickhouse().query_raw(sql).execute().await?;
    }
    let uuid = message::uuid(8708);
    let event = |n: i64, code: &str, name: &str| {
        let at = message::time(message::now() - n * 1000);
        json!({"命令": "告警", "reqid": n, "系统时间": at, "告警名称": name, "告警代码": code, "状态": "发生", "产生时间": at}).to_string()
    };
    // Until the definitions have been read the first of them has no level.
    let mut n = 0;
    until("the definitions are known", SOON, async || {
        n += 1;
        let said = piles.publish(&message::msg(&uuid), event(n, "E1", "急停")).await;
        let levels = "SELECT count() FROM warn_record WHERE warn_level = 1 AND warn_class = '通信'";
        said.is_ok() && world.number(levels).await.is_ok_and(|levels| levels > 0)
    })
    .await?;
    for (n, code, name) in [(1000, "E2", "x"), (1001, "47", "通信中断"), (1002, "47", "x")] {
        piles.publish(&message::msg(&uuid), event(n, code, name)).await?;
    }
    let rows = "SELECT warn_code, warn_name, warn_level, warn_class FROM warn_record WHERE warn_code != 'E1' ORDER BY reqid";
    let row = |code: &str, name: &str, level: u8, class: &str| json!({"warn_code": code, "warn_name": name, "warn_level": level, "warn_class": class});
    let expected = [
        row("E2", "x", 3, "通信"),
        row("47", "通信中断", 3, "通信"),
        row("47", "x", 0, ""),
    ];
    assert_eq!(world.until_rows(rows, 3).await?, expected);
    Ok(())
}
