//! What is asked of the database about batches.

use std::collections::HashMap;

use store::{
    Conditions,
    table::{command_batch::CommandBatch, command_batch_pile},
};

use super::wire::{BatchDetail, BatchItem, PilesInState};
use crate::ground::{ApiError, Ground, Scope, one};

/// A batch of an organization that the scope shows.
///
/// # Errors
/// 404.
pub(crate) async fn by_id(ground: &Ground, scope: &Scope, batch_id: u64) -> Result<CommandBatch, ApiError> {
    let this = Conditions::new().and("batch_id = ?", [batch_id.into()]);
    one(&ground.db, scope.organizations(this, "organization_id IN ?")).await
}

/// With how far it is.
pub(super) async fn shown(ground: &Ground, batch: CommandBatch) -> Result<BatchDetail, ApiError> {
    let shown = with_progress(ground, vec![batch.into()]).await?;
    shown.into_iter().next().ok_or(ApiError::NotFound)
}

/// With how far each of them is.
pub(super) async fn with_progress(
    ground: &Ground,
    batches: Vec<BatchItem>,
) -> Result<Vec<BatchDetail>, ApiError> {
    let ids: Vec<u64> = batches.iter().map(|batch| batch.batch_id).collect();
    let mut progress = HashMap::<u64, Vec<PilesInState>>::new();
    if !ids.is_empty() {
        for part in command_batch_pile::progress(&ground.db, ids).await? {
            let state = PilesInState {
                state: part.state,
                piles: part.piles,
            };
            progress.entry(part.batch_id).or_default().push(state);
        }
    }
    let shown = batches.into_iter().map(|batch| {
        let progress = progress.remove(&batch.batch_id).unwrap_or_default();
        let done = progress
            .iter()
            .filter(|part| command_batch_pile::is_final(&part.state));
        BatchDetail {
            done: done.map(|part| part.piles).sum(),
            progress,
            batch,
        }
    });
    Ok(shown.collect())
}
