//! Batches: one command to many piles, worked off by the connector at a limited rate.

pub(crate) mod create;
pub(crate) mod queries;
mod rules;
mod wire;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use store::table::command_batch::{BatchState, CommandBatch, kind};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    create::{NewBatch, Share, create},
    wire::{BatchDetail, BatchItem, BatchPile, Filter, PileFilter, SentBatch, TurnedBatch, Which},
};
use super::{
    rules::{self as command_rules},
    send::source,
};
use crate::ground::{
    Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, Params, lock, wake::Wake,
};

pub(super) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(send))
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(piles))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
}

/// 批量下发: 选桩、限速、进度; 不能带密码 Send a command to many piles at a limited rate; it must carry no password
#[utoipa::path(post, path = "/command/batch/send", tag = "command", request_body = wire::NewBatchCommand,
    responses((status = 200, body = Envelope<SentBatch>)))]
async fn send(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<wire::NewBatchCommand>,
) -> Result<Answer<SentBatch>, ApiError> {
    let kind = command_rules::permitted(&caller, &new.command)?;
    let checked = command_rules::command(kind, &new.fields.unwrap_or_default())?;
    rules::require_plain(&checked)?;
    let organization_id = crate::ground::selection::owner(&caller, new.organization_id)?;
    let batch = NewBatch {
        name: rules::name(new.name.as_deref(), checked.kind.name)?,
        kind: kind::MANUAL,
        command: checked.kind.name,
        request: checked.public().to_string(),
        source: source(&caller),
        rate_per_s: command_rules::rate(new.rate_per_s)?,
        timeout_s: command_rules::timeout(new.timeout_s)?,
        organization_id,
        origin_id: 0,
    };
    let piles = new
        .selection
        .piles(&ground, &caller.scope, create::MOST_PILES)
        .await?;
    let shares = piles.into_iter().map(Share::from).collect();
    let batch = create(&ground, &caller, batch, shares).await?;
    Ok(Answer(batch.into()))
}

/// 批量列表 List the batches
#[utoipa::path(get, path = "/command/batch/list", tag = "command", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<BatchDetail>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(&caller.scope, store::versioned::now())?;
    if list.is_export() {
        return list.answer::<BatchItem>(&ground, &conditions).await;
    }
    let page = list.page::<BatchItem>(&ground, wire::FROM, &conditions).await?;
    let items = queries::with_progress(&ground, page.items).await?;
    Ok(Answer(Page {
        total: page.total,
        items,
    })
    .into_response())
}

/// 批量详情及进度 A batch and how far it is
#[utoipa::path(get, path = "/command/batch/detail", tag = "command", params(Which),
    responses((status = 200, body = Envelope<BatchDetail>)))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<BatchDetail>, ApiError> {
    let batch = queries::by_id(&ground, &caller.scope, which.batch_id).await?;
    queries::shown(&ground, batch).await.map(Answer)
}

/// 批量中各桩的结果 What became of each pile of a batch
#[utoipa::path(get, path = "/command/batch/piles", tag = "command", params(Paging, PileFilter),
    responses((status = 200, body = Envelope<Page<BatchPile>>)))]
async fn piles(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<PileFilter>,
) -> Result<Response, ApiError> {
    queries::by_id(&ground, &caller.scope, list.filter.batch_id).await?;
    let conditions = list.filter.conditions(&caller.scope);
    list.answer::<BatchPile>(&ground, &conditions).await
}

/// 暂停批量: 不再下发新的 Pause a batch: nobody new is asked
#[utoipa::path(post, path = "/command/batch/pause", tag = "command", request_body = TurnedBatch,
    responses((status = 200, body = Envelope<BatchDetail>)))]
async fn pause(
    State(ground): State<Ground>,
    caller: Caller,
    Body(turned): Body<TurnedBatch>,
) -> Result<Answer<BatchDetail>, ApiError> {
    turn(&ground, &caller, turned.batch_id, BatchState::Paused).await
}

/// 继续批量 Go on with a paused batch
#[utoipa::path(post, path = "/command/batch/resume", tag = "command", request_body = TurnedBatch,
    responses((status = 200, body = Envelope<BatchDetail>)))]
async fn resume(
    State(ground): State<Ground>,
    caller: Caller,
    Body(turned): Body<TurnedBatch>,
) -> Result<Answer<BatchDetail>, ApiError> {
    turn(&ground, &caller, turned.batch_id, BatchState::Running).await
}

/// 撤销批量: 未下发的不再下发, 已下发的撤销 Cancel a batch: nobody new is asked, and what was asked is withdrawn
#[utoipa::path(post, path = "/command/batch/cancel", tag = "command", request_body = TurnedBatch,
    responses((status = 200, body = Envelope<BatchDetail>)))]
async fn cancel(
    State(ground): State<Ground>,
    caller: Caller,
    Body(turned): Body<TurnedBatch>,
) -> Result<Answer<BatchDetail>, ApiError> {
    turn(&ground, &caller, turned.batch_id, BatchState::Cancelled).await
}

async fn turn(
    ground: &Ground,
    caller: &Caller,
    batch_id: u64,
    to: BatchState,
) -> Result<Answer<BatchDetail>, ApiError> {
    let mut change = ground.change(caller, [lock("command_batch", batch_id)]).await?;
    let before = queries::by_id(ground, &caller.scope, batch_id).await?;
    if to == BatchState::Running
        && let Some(kind) = super::kinds::kind(&before.command)
    {
        command_rules::require_allowed(caller, kind)?;
    }
    rules::require_turn(&before.state, to)?;
    let after = CommandBatch {
        state: to.as_str().to_owned(),
        ..before.clone()
    };
    let batch = change.put(Some(&before), after);
    change.commit().await?;
    ground.wake(Wake::Batch).await;
    queries::shown(ground, batch).await.map(Answer)
}
