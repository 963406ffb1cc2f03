//! What piles answer is kept, also when ClickHouse is away for a while.

use store::table::command_batch::CommandBatch;

use crate::rows::{batch, make, until_over};
use crate::world::{LATER, Piles, World, until};

async fn until_rows(world: &World, table: &str, count: u64) -> anyhow::Result<()> {
    let sql = format!("SELECT count() FROM {table} FINAL");
    let there = until("the answers are kept", LATER, async || {
        world.number(&sql).await.is_ok_and(|rows| rows == count)
    });
    match there.await {
        Ok(()) => Ok(()),
        Err(error) => anyhow::bail!(
            "{error}: {table} {:?}\n{}",
            world.number(&sql).await,
            world.connector.log()
        ),
    }
}

#[tokio::test]
async fn answers_become_rows() -> anyhow::Result<()> {
    let mut world = World::start(3).await?;
    let _piles = Piles::start(&world, 3).await?;
    make(&world, batch(1, "参数查询", 3)).await?;
    until_over(&world, 1).await?;
    until_rows(&world, "pile_parameter", 6).await?;

    // Its answer does not say what was written.
    let request = r#"{"配置列表":[{"名称":"音量","值":"9"}]}"#.to_owned();
    make(
        &world,
        CommandBatch {
            request,
            ..batch(2, "参数配置", 3)
        },
    )
    .await?;
    until_over(&world, 2).await?;
    let written = "SELECT count() FROM pile_parameter FINAL WHERE name = '音量' AND value = '9' AND command = '参数配置'";
    until("what was written is known", LATER, async || {
        world.number(written).await.is_ok_and(|rows| rows == 3)
    })
    .await?;

    make(&world, batch(3, "SIM卡召唤", 3)).await?;
    make(&world, batch(4, "软件版本查询", 3)).await?;
    until_rows(&world, "sim_survey", 3).await?;
    world.stack.chdbd.kill().await?;
    world.stack.chdbd.restart().await?;
    make(&world, batch(5, "对时", 3)).await?;
    until_over(&world, 5).await?;
    until_rows(&world, "version_survey", 3).await?;
    let told = "SELECT count() FROM sim_survey FINAL WHERE iccid LIKE '8986%' AND mvno = '中国移动' AND signal_dbm = -71";
    assert_eq!(world.number(told).await?, 3);
    until_rows(&world, "clock_survey", 15).await?;
    // The pile's clock is this machine's, in whole seconds.
    assert_eq!(
        world
            .number("SELECT countIf(abs(difference_ms) > 60000) FROM clock_survey FINAL")
            .await?,
        0
    );
    Ok(())
}
