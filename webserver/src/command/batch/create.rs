//! Making a batch: its row, and one per pile.

use serde::Serialize;
use store::{
    selection::Chosen,
    table::{
        command_batch::{BatchState, CommandBatch, mark},
        command_batch_pile::{CommandBatchPile, WAITING},
    },
    versioned::now,
};

use crate::ground::{ApiError, Caller, Ground, wake::Wake};

/// Piles of one batch.
pub(crate) const MOST_PILES: usize = 200_000;

/// A batch that is to be made.
#[derive(Debug, Serialize)]
pub(crate) struct NewBatch {
    /// Its name for people.
    pub(crate) name: String,
    /// What it is made for.
    pub(crate) kind: &'static str,
    /// 命令.
    pub(crate) command: &'static str,
    /// The command's fields, JSON, without passwords.
    pub(crate) request: String,
    /// Who asks.
    pub(crate) source: String,
    /// Piles per second; 0 = the connector's own limit.
    pub(crate) rate_per_s: u32,
    /// Deadline of each command, s.
    pub(crate) timeout_s: u64,
    /// Whose people see it.
    pub(crate) organization_id: u64,
    /// The template it comes from; 0 = none.
    pub(crate) origin_id: u64,
}

/// A pile of a batch.
#[derive(Debug)]
pub(crate) struct Share {
    /// The pile.
    pub(crate) device_id: u64,
    /// Its uuid.
    pub(crate) uuid: String,
    /// Fields of its own, JSON; empty = those of the batch.
    pub(crate) request: String,
}

impl From<Chosen> for Share {
    fn from(pile: Chosen) -> Self {
        Self {
            device_id: pile.device_id,
            uuid: pile.uuid,
            request: String::new(),
        }
    }
}

/// Writes the batch with all of its piles, and wakes the connector. Gives it as it is stored.
///
/// # Errors
/// Those of a change.
pub(crate) async fn create(
    ground: &Ground,
    caller: &Caller,
    new: NewBatch,
    shares: Vec<Share>,
) -> Result<CommandBatch, ApiError> {
    let mut change = ground.change(caller, []).await?;
    let batch_id = ground.new_id().await?;
    for share in &shares {
        let pile = CommandBatchPile {
            batch_id,
            device_id: share.device_id,
            uuid: share.uuid.clone(),
            state: WAITING.to_owned(),
            caller: mark(batch_id, share.device_id),
            request: share.request.clone(),
            ..CommandBatchPile::default()
        };
        change.put_silently(None, pile);
    }
    let batch = CommandBatch {
        batch_id,
        name: new.name,
        kind: new.kind.to_owned(),
        command: new.command.to_owned(),
        request: new.request,
        source: new.source,
        rate_per_s: new.rate_per_s,
        timeout_s: u32::try_from(new.timeout_s).unwrap_or(u32::MAX),
        state: BatchState::Pending.as_str().to_owned(),
        total: u32::try_from(shares.len()).unwrap_or(u32::MAX),
        organization_id: new.organization_id,
        created_by: caller.user.account.clone(),
        created_time: now(),
        origin_id: new.origin_id,
        ..CommandBatch::default()
    };
    let batch = change.put(None, batch);
    change.commit().await?;
    ground.wake(Wake::Batch).await;
    Ok(batch)
}
