//! Recurring commands: one run per time, whoever is killed; piles that are offline are left out.

use store::Conditions;
use store::table::schedule::{self, Schedule};
use store::table::schedule_run::ScheduleRun;
use store::versioned::{self, now};

use crate::rows::until_over;
use crate::world::{LATER, Piles, SOON, World, until};

/// Every day at the minute that was `minutes` ago, so that a run is due now, and none more today.
fn daily(schedule_id: u64, command: &str, minutes: i64) -> Schedule {
    const MINUTE: i64 = 60_000;
    let of_the_day = (now() / MINUTE - minutes + 8 * 60).rem_euclid(24 * 60);
    Schedule {
        timestamp: now() - (minutes + 2) * MINUTE,
        created_time: now() - (minutes + 2) * MINUTE,
        schedule_id,
        name: "普查".into(),
        command: command.into(),
        cron: format!("{} {} * * *", of_the_day % 60, of_the_day / 60),
        spread_s: 1,
        selection: r#"{"all":true}"#.into(),
        skip_offline: 1,
        timeout_s: 60,
        enabled: 1,
        ..Schedule::default()
    }
}

async fn runs(world: &World, schedule_id: u64) -> anyhow::Result<Vec<ScheduleRun>> {
    let these = Conditions::new().and("schedule_id = ?", [schedule_id.into()]);
    Ok(versioned::present::<ScheduleRun>(&world.db, &these).await?)
}

async fn until_run(world: &World, schedule_id: u64) -> anyhow::Result<ScheduleRun> {
    let there = until("the run is made", LATER, async || {
        runs(world, schedule_id).await.is_ok_and(|runs| !runs.is_empty())
    });
    if let Err(error) = there.await {
        anyhow::bail!("{error}\n{}", world.connector.log());
    }
    Ok(runs(world, schedule_id).await?.remove(0))
}

#[tokio::test]
async fn a_time_has_one_run_and_who_is_offline_is_left_out() -> anyhow::Result<()> {
    let mut world = World::start(5).await?;
    let piles = Piles::with_deaf(&world, 5, [2]).await?;
    // Their states are in Redis a little later than their logins in ClickHouse.
    until("piles are known to be online", SOON, async || {
        world.online().await.is_ok_and(|piles| piles == 4)
    })
    .await?;
    world.insert(&[daily(1, "SIM卡召唤", 1)]).await?;
    world.wake("schedule").await?;
    let run = until_run(&world, 1).await?;
    assert_eq!(
        (run.state.as_str(), run.chosen, run.skipped),
        ("started", 5, 1),
        "{run:?}"
    );
    assert!(schedule::is_scheduled(&world.db, "SIM卡召唤").await?);
    assert!(!schedule::is_scheduled(&world.db, "关键器件动作").await?);
    world.connector.kill().await?;
    world.connector.start_again().await?;
    let batch = until_over(&world, run.batch_id).await?;
    assert_eq!(
        (batch.kind.as_str(), batch.origin_id, batch.total),
        ("schedule", 1, 4)
    );

    // Whoever makes the run of another schedule has looked at the first one again.
    world.insert(&[daily(2, "重启", 1), daily(3, "对时", 1)]).await?;
    world.wake("schedule").await?;
    let refused = until_run(&world, 2).await?;
    assert!(
        refused.state == "failed" && refused.reason.contains("不能定时"),
        "{refused:?}"
    );
    let clocks = until_run(&world, 3).await?;
    until_over(&world, clocks.batch_id).await?;
    assert_eq!(runs(&world, 1).await?.len(), 1);
    let told = piles.told();
    assert!(
        told.len() == 4 && told.iter().all(|(_, commands)| *commands == 2),
        "{told:?}"
    );
    Ok(())
}
