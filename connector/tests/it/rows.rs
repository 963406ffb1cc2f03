//! The rows of batches, as the web server writes them, and what is read of them.

use std::ops::RangeInclusive;

use store::Conditions;
use store::table::command_batch::{CommandBatch, kind};
use store::table::command_batch_pile::{CommandBatchPile, WAITING};
use store::versioned::{self, now};

use crate::world::{LATER, World, until, uuid};

/// A batch for piles 1 to `total`.
pub(crate) fn batch(batch_id: u64, command: &str, total: u64) -> CommandBatch {
    CommandBatch {
        timestamp: now(),
        batch_id,
        name: "试".into(),
        kind: kind::MANUAL.into(),
        command: command.into(),
        source: "web:test".into(),
        state: "pending".into(),
        total: total as u32,
        timeout_s: 120,
        created_time: now(),
        ..CommandBatch::default()
    }
}

/// Writes a batch for the first piles.
pub(crate) async fn make(world: &World, batch: CommandBatch) -> anyhow::Result<()> {
    let piles = 1..=u64::from(batch.total);
    make_for(world, batch, piles).await
}

/// Writes a batch for these piles: they first.
pub(crate) async fn make_for(
    world: &World,
    batch: CommandBatch,
    piles: RangeInclusive<u64>,
) -> anyhow::Result<()> {
    let pile = |n: u64| CommandBatchPile {
        timestamp: now(),
        batch_id: batch.batch_id,
        device_id: n,
        uuid: uuid(n),
        state: WAITING.into(),
        ..CommandBatchPile::default()
    };
    let piles: Vec<_> = piles.map(pile).collect();
    world.insert(&piles).await?;
    world.insert(&[batch]).await?;
    world.wake("batch").await
}

/// The batch as it is now.
pub(crate) async fn row(world: &World, batch_id: u64) -> anyhow::Result<CommandBatch> {
    let this = Conditions::new().and("batch_id = ?", [batch_id.into()]);
    let rows = versioned::present::<CommandBatch>(&world.db, &this).await?;
    rows.into_iter()
        .next()
        .ok_or_else(|| anyhow::anyhow!("the batch is gone"))
}

/// Its piles in one state.
pub(crate) async fn piles_in(world: &World, batch_id: u64, state: &str) -> anyhow::Result<u64> {
    let sql = format!(
        "SELECT count() FROM command_batch_pile FINAL WHERE batch_id = {batch_id} AND state = '{state}'"
    );
    world.number(&sql).await
}

/// Waits until every pile has a final state.
pub(crate) async fn until_over(world: &World, batch_id: u64) -> anyhow::Result<CommandBatch> {
    let over = until("the batch is over", LATER, async || {
        row(world, batch_id).await.is_ok_and(|row| row.finished_time > 0)
    });
    if let Err(error) = over.await {
        anyhow::bail!("{error}\n{}\n{}", world.connector.log(), world.ops_tcu.log());
    }
    row(world, batch_id).await
}
