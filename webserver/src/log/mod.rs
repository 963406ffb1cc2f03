//! `log`: log files that piles are asked for. Asking writes a row and wakes the connector, which fetches the file;
//! what it has collected is read here.

mod contents;
mod queries;
mod rules;
mod search;
mod wire;

use axum::{extract::State, response::Response};
use store::{
    table::log_file::{LogFile, State as LogState},
    versioned::now,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{CancelledLog, DeletedLog, Filter, LogItem, NewLogs, SummonedLog, Which};
use crate::ground::{
    Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, Params, lock, require_version,
    wake::Wake,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(summon))
        .routes(routes!(cancel))
        .routes(routes!(delete))
        .routes(routes!(contents::view))
        .routes(routes!(contents::download))
        .routes(routes!(search::search))
}

/// 日志列表 List the logs that were asked for
#[utoipa::path(get, path = "/log/list", tag = "log", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<LogItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(&caller.scope, now())?;
    list.answer::<LogItem>(&ground, &conditions).await
}

/// 日志详情及进度 One log, and how far it is
#[utoipa::path(get, path = "/log/detail", tag = "log", params(Which), responses((status = 200, body = Envelope<LogItem>)))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<LogItem>, ApiError> {
    queries::shown(&ground, &caller.scope, which.log_id)
        .await
        .map(Answer)
}

/// 召唤日志: 一桩或多桩, 至多1000 Ask one pile or many (1,000 at most) for a log
#[utoipa::path(post, path = "/log/summon", tag = "log", request_body = NewLogs,
    responses((status = 200, body = Envelope<Vec<SummonedLog>>)))]
async fn summon(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewLogs>,
) -> Result<Answer<Vec<SummonedLog>>, ApiError> {
    let file_name = rules::file_name(&new.file_name)?;
    let deadline_s = rules::deadline(new.deadline_s)?;
    let piles = new
        .selection
        .piles(&ground, &caller.scope, rules::MOST_PILES)
        .await?;
    let mut change = ground.change(&caller, []).await?;
    let (ids, created_time) = (ground.new_ids(piles.len()).await?, now());
    let mut summoned = Vec::with_capacity(piles.len());
    for (log_id, pile) in ids.zip(piles) {
        change.put(
            None,
            LogFile {
                log_id,
                device_id: pile.device_id,
                uuid: pile.uuid.clone(),
                file_name: file_name.clone(),
                state: LogState::Requested.text().to_owned(),
                created_by: caller.user.account.clone(),
                created_time,
                deadline: created_time + deadline_s * 1000,
                ..LogFile::default()
            },
        );
        summoned.push(SummonedLog {
            log_id,
            device_id: pile.device_id,
            uuid: pile.uuid,
        });
    }
    change.commit().await?;
    ground.wake(Wake::Log).await;
    Ok(Answer(summoned))
}

/// 撤销召唤, 已结束的不可撤销 Withdraw what has not ended yet
#[utoipa::path(post, path = "/log/cancel", tag = "log", request_body = CancelledLog,
    responses((status = 200, body = Envelope<LogItem>)))]
async fn cancel(
    State(ground): State<Ground>,
    caller: Caller,
    Body(cancelled): Body<CancelledLog>,
) -> Result<Answer<LogItem>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("log_file", cancelled.log_id)])
        .await?;
    let before = queries::by_id(&ground, &caller.scope, cancelled.log_id).await?;
    rules::require_open(&before)?;
    let after = LogFile {
        state: LogState::Cancelled.text().to_owned(),
        reason: format!("{}撤销", caller.user.account),
        finished_time: now(),
        ..before.clone()
    };
    change.put(Some(&before), after);
    change.commit().await?;
    ground.wake(Wake::Log).await;
    queries::shown(&ground, &caller.scope, cancelled.log_id)
        .await
        .map(Answer)
}

/// 删除日志及其内容, 未结束的须先撤销 Delete a log that has ended, and what it contains
#[utoipa::path(post, path = "/log/delete", tag = "log", request_body = DeletedLog,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedLog>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground.change(&caller, [lock("log_file", deleted.log_id)]).await?;
    let before = queries::by_id(&ground, &caller.scope, deleted.log_id).await?;
    require_version(&before, deleted.timestamp)?;
    rules::require_ended(&before)?;
    change.delete(&before);
    change.commit().await?;
    queries::forget_contents(&ground, deleted.log_id).await;
    Ok(Answer(0))
}
