//! Batches: every pile gets exactly one command, whoever is killed; they can be paused and cancelled.

use std::time::Duration;

use store::table::command_batch::CommandBatch;
use store::table::command_batch_pile::WAITING;
use store::versioned::{self, now};

use crate::rows::{self, make, piles_in, until_over};
use crate::world::{LATER, Piles, SOON, World, until};

const BATCH: u64 = 77;

fn batch(command: &str, total: u64, rate_per_s: u32, timeout_s: u32) -> CommandBatch {
    CommandBatch {
        rate_per_s,
        timeout_s,
        ..rows::batch(BATCH, command, total)
    }
}

/// Piles that were not asked yet.
async fn waiting(world: &World) -> u64 {
    piles_in(world, BATCH, WAITING).await.unwrap_or_default()
}

/// What people do to a batch.
async fn set(world: &World, state: &str) -> anyhow::Result<()> {
    let mut row = rows::row(world, BATCH).await?;
    row.timestamp = versioned::next_version(now(), row.timestamp);
    row.state = state.into();
    world.insert(&[row]).await?;
    world.wake("batch").await
}

#[tokio::test]
async fn a_batch_ends_with_what_became_of_every_pile() -> anyhow::Result<()> {
    let world = World::start(30).await?;
    // Two are offline; a third has no asset, so that ops_tcu refuses it.
    let piles = Piles::with_deaf(&world, 30, [4, 9]).await?;
    make(&world, batch("重启", 31, 0, 5)).await?;
    let row = until_over(&world, BATCH).await?;
    assert_eq!(row.state, "finished");
    let states = [("answered", 28), ("timed_out", 2), ("refused", 1), ("waiting", 0)];
    for (state, count) in states {
        assert_eq!(piles_in(&world, BATCH, state).await?, count, "{state}");
    }
    let told = piles.told();
    assert_eq!(told.len(), 28);
    assert!(told.iter().all(|(_, commands)| *commands == 1), "{told:?}");
    let reasons = "SELECT count() FROM command_batch_pile FINAL WHERE state = 'refused' AND reason = '无此桩' \
                   AND finished_time > 0";
    assert_eq!(world.number(reasons).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_connector_that_is_killed_is_continued_by_another_without_a_second_command() -> anyhow::Result<()> {
    let mut world = World::start(500).await?;
    let piles = Piles::start(&world, 500).await?;
    let other = world.another_connector().await?;
    assert!(
        world.connector.works().await && !other.works().await,
        "one of two works"
    );
    make(&world, batch("软件版本查询", 500, 40, 120)).await?;
    until("a part of the piles is asked", LATER, async || {
        piles.commands() > 120
    })
    .await?;
    world.connector.kill().await?;
    assert!(piles.commands() < 500, "it was in the middle");
    until("the other one works", SOON, async || other.works().await).await?;
    until_over(&world, BATCH).await?;
    assert_eq!(piles_in(&world, BATCH, "answered").await?, 500);
    let told = piles.told();
    assert_eq!(told.len(), 500);
    assert!(told.iter().all(|(_, commands)| *commands == 1), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn broker_and_redis_may_be_killed() -> anyhow::Result<()> {
    let mut world = World::start(300).await?;
    let piles = Piles::start(&world, 300).await?;
    make(&world, batch("软件版本查询", 300, 60, 40)).await?;
    until("some are asked", LATER, async || piles.commands() > 40).await?;
    let losses = |world: &World| world.connector.log().matches("no broker connection").count();
    let before = losses(&world);
    world.stack.mosquitto.kill().await?;
    until("the broker is missed", SOON, async || losses(&world) > before).await?;
    world.stack.mosquitto.restart().await?;
    until("it goes on", LATER, async || piles.commands() > 120).await?;
    world.stack.redis.kill().await?;
    until("without Redis nobody works", LATER, async || {
        !world.connector.works().await
    })
    .await?;
    world.stack.redis.restart().await?;
    until_over(&world, BATCH).await?;
    let told = piles.told();
    assert!(told.iter().all(|(_, commands)| *commands == 1), "{told:?}");
    // What a killed broker had taken and not saved may be lost on its way to or from a pile: that one times out.
    let (answered, timed_out) = (
        piles_in(&world, BATCH, "answered").await?,
        piles_in(&world, BATCH, "timed_out").await?,
    );
    assert_eq!(answered + timed_out, 300);
    assert!(answered > 200, "{answered}");
    Ok(())
}

#[tokio::test]
async fn an_orderly_stop_in_the_middle_changes_nothing() -> anyhow::Result<()> {
    let mut world = World::start(100).await?;
    let piles = Piles::start(&world, 100).await?;
    make(&world, batch("软件版本查询", 100, 20, 120)).await?;
    until("some are asked", LATER, async || piles.commands() > 20).await?;
    world.connector.stop().await?;
    world.connector.start_again().await?;
    until_over(&world, BATCH).await?;
    assert_eq!(piles_in(&world, BATCH, "answered").await?, 100);
    let told = piles.told();
    assert!(
        told.len() == 100 && told.iter().all(|(_, commands)| *commands == 1),
        "{told:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_batch_rests_goes_on_and_is_cancelled() -> anyhow::Result<()> {
    let mut world = World::start(200).await?;
    let piles = Piles::with_deaf(&world, 200, [1]).await?;
    make(&world, batch("软件版本查询", 200, 5, 3_600)).await?;
    until("some are asked", LATER, async || piles.commands() > 5).await?;
    set(&world, "paused").await?;
    until("the connector knows", SOON, async || {
        world.connector.log().contains(r#""to":"paused""#)
    })
    .await?;
    // What was in hand goes out; then nothing more.
    let mut before = waiting(&world).await;
    until("it rests", SOON, async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = waiting(&world).await;
        std::mem::replace(&mut before, now) == now
    })
    .await?;
    assert!(before > 0, "some were not asked");
    // An orderly stop in between changes nothing.
    world.connector.stop().await?;
    world.connector.start_again().await?;
    until("it works again", SOON, async || world.connector.works().await).await?;
    assert_eq!(waiting(&world).await, before);
    set(&world, "running").await?;
    until("it goes on", LATER, async || waiting(&world).await < before).await?;
    set(&world, "cancelled").await?;
    let row = until_over(&world, BATCH).await?;
    assert_eq!(row.state, "cancelled");
    let (answered, cancelled) = (
        piles_in(&world, BATCH, "answered").await?,
        piles_in(&world, BATCH, "cancelled").await?,
    );
    assert_eq!(answered + cancelled, 200);
    // The one that does not answer was asked first.
    assert!(cancelled > 1, "{cancelled}");
    assert!(piles.told().iter().all(|(_, commands)| *commands == 1));
    Ok(())
}
