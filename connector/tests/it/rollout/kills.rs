//! ops_tcu, connector, broker and Redis are killed during a campaign and a batch: everything ends, and nothing that
//! must not be done twice is heard twice.

use std::time::Duration;

use store::ota::{Deadlines, Plan};
use store::table::command_batch::CommandBatch;
use store::table::ota_campaign_pile::OtaCampaignPile;

use super::{all_have_ended, everybody, is_updated, program};
use crate::campaigns::{CAMPAIGN, NEW, begin, rows, upload, within};
use crate::ftp_site::Site;
use crate::rows::{batch, make_for, row};
use crate::world::{LATER, Simulated, Told, World, until};

const BATCH: u64 = 77;
const UPDATE: &str = "更新程序并重启";
const RESTART: &str = "重启";
/// Rate of a download: some seconds each, so that a kill comes in the middle.
const SLOWLY: &str = "--ftp-rate 100000";
const BYTES: usize = 200_001;
/// What waits for its turn is not given up, s.
const HOURS: u32 = 10 * 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    OpsTcu,
    Connector,
    Broker,
    Redis,
    All,
}

use Victim::{All, Broker, Connector, OpsTcu, Redis};

impl Victim {
    /// As by `kill -9`; back at once.
    async fn kill(self, world: &mut World) -> anyhow::Result<()> {
        let hits = |victim| self == victim || self == All;
        if hits(OpsTcu) {
            world.ops_tcu.kill().await?;
        }
        if hits(Connector) {
            world.connector.kill().await?;
        }
        if hits(Broker) {
            world.stack.mosquitto.kill().await?;
        }
        if hits(Redis) {
            world.stack.redis.kill().await?;
            world.stack.redis.restart().await?;
        }
        if hits(Broker) {
            world.stack.mosquitto.restart().await?;
        }
        if hits(OpsTcu) {
            world.ops_tcu.start_again().await?;
        }
        if hits(Connector) {
            world.connector.start_again().await?;
        }
        Ok(())
    }
}

/// Half of the piles are updated, the others restarted by a batch, while one victim after the other is killed.
async fn survives(piles: u64, victims: &[Victim], patience: Duration) -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let mut world = World::start_with(piles, &site.settings).await?;
    let simulated = Simulated::start(&world, piles, SLOWLY).await?;
    upload(&world, NEW, "1.0.8", &program(BYTES)).await?;
    let plan = Plan {
        canary_soak_s: 5,
        max_at_once: 2,
        max_attempts: 5,
        deadlines: Deadlines {
            eligible_s: HOURS,
            downloaded_s: HOURS,
            campaign_s: HOURS,
            ..everybody().deadlines
        },
        ..everybody()
    };
    begin(&world, CAMPAIGN, 1..=piles / 2, &plan).await?;
    let restarts = CommandBatch {
        rate_per_s: 1,
        timeout_s: 40,
        ..batch(BATCH, RESTART, piles - piles / 2)
    };
    make_for(&world, restarts, piles / 2 + 1..=piles).await?;
    for victim in victims {
        until("piles are at work", LATER, async || at_work(&world).await).await?;
        victim.kill(&mut world).await?;
    }
    let ended = within(&world, patience, "the campaign ends", |row| row.finished_time > 0).await?;
    assert_eq!(ended.state, "finished", "{}", ended.reason);
    until("the batch ends", patience, async || {
        row(&world, BATCH).await.is_ok_and(|row| row.finished_time > 0)
    })
    .await?;
    until("no command is open", LATER, async || {
        let open = "SELECT count() FROM command_record FINAL WHERE state IN ('queued', 'sent')";
        world.number(open).await.is_ok_and(|open| open == 0)
    })
    .await?;
    let told = simulated.end().await?;
    nothing_is_done_twice(&world, &told, piles).await
}

/// Piles of the campaign are between 下载 and their login.
async fn at_work(world: &World) -> bool {
    let sql = "SELECT count() FROM ota_campaign_pile FINAL \
               WHERE state IN ('downloading', 'downloaded', 'updating', 'awaiting_login')";
    world.number(sql).await.is_ok_and(|piles| piles > 0)
}

async fn nothing_is_done_twice(world: &World, told: &Told, piles: u64) -> anyhow::Result<()> {
    let rows: Vec<OtaCampaignPile> = rows(world).await?;
    all_have_ended(&rows);
    for pile in &rows {
        let updates = told.commands_of(pile.device_id, UPDATE);
        assert!(
            updates <= 1 && (updates == 1 || !is_updated(pile)),
            "{updates} updates: {pile:?}"
        );
    }
    for pile in piles / 2 + 1..=piles {
        let restarts = told.commands_of(pile, RESTART);
        assert!(restarts <= 1, "pile {pile} was restarted {restarts} times");
    }
    for command in [UPDATE, RESTART] {
        assert!(told.repeated(command).is_empty(), "{:?}", told.repeated(command));
    }
    assert!(
        told.did("most_updates_of_one_pile") <= 1,
        "{}",
        told.report["done"]
    );
    let updated = rows.iter().filter(|pile| is_updated(pile)).count();
    assert!(
        updated * 2 > rows.len(),
        "most are updated all the same: {rows:#?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_during_a_campaign_and_a_batch_both_end() -> anyhow::Result<()> {
    survives(20, &[OpsTcu, Connector, Broker, Redis, All], 2 * LATER).await
}

/// The same for a quarter of an hour.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a quarter of an hour: make test-long"]
async fn killed_again_and_again_a_campaign_and_a_batch_end() -> anyhow::Result<()> {
    let round = [OpsTcu, Connector, Broker, Redis, All, Connector, OpsTcu, All];
    survives(240, &round.repeat(6), Duration::from_secs(3600)).await
}
