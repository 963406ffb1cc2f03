//! `schedule`: recurring commands. The rows are kept here; the connector looks when one is due, and makes a batch.

mod cron;
mod queries;
mod rules;
mod wire;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use store::{table::schedule::Schedule, versioned::now};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{
    DeletedSchedule, EditedSchedule, Filter, NewSchedule, RunFilter, RunItem, ScheduleItem, ScheduleRow,
    TurnedSchedule, UpcomingTimes,
};
use crate::{
    command::rules::require_allowed,
    ground::{
        Answer, ApiError, Body, Caller, Envelope, Ground, List, Page, Paging, Params, lock, require_version,
        selection::owner, wake::Wake,
    },
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(add))
        .routes(routes!(edit))
        .routes(routes!(enable))
        .routes(routes!(delete))
        .routes(routes!(runs))
        .routes(routes!(preview))
}

/// 定时任务列表, 附下次时间 List the schedules, with when each is due next
#[utoipa::path(get, path = "/schedule/list", tag = "schedule", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<ScheduleItem>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(&caller.scope);
    if list.is_export() {
        return list.answer::<ScheduleRow>(&ground, &conditions).await;
    }
    let page = list.page::<ScheduleRow>(&ground, wire::FROM, &conditions).await?;
    let now = now();
    let items = page
        .items
        .into_iter()
        .map(|row| ScheduleItem::of(row, now))
        .collect();
    Ok(Answer(Page {
        total: page.total,
        items,
    })
    .into_response())
}

/// 新增定时任务, 限查询类命令 Add a schedule, of a command that only asks
#[utoipa::path(post, path = "/schedule/add", tag = "schedule", request_body = NewSchedule,
    responses((status = 200, body = Envelope<ScheduleItem>)))]
async fn add(
    State(ground): State<Ground>,
    caller: Caller,
    Body(new): Body<NewSchedule>,
) -> Result<Answer<ScheduleItem>, ApiError> {
    let organization_id = owner(&caller, new.organization_id)?;
    let schedule = rules::new(&caller, &new, organization_id)?;
    let named = lock("schedule.name", &schedule.name);
    let mut change = ground.change(&caller, [named]).await?;
    queries::require_free(&ground, organization_id, &schedule.name, 0).await?;
    let schedule_id = ground.new_id().await?;
    let row = Schedule {
        schedule_id,
        created_by: caller.user.account.clone(),
        created_time: now(),
        ..schedule
    };
    let row = change.put(None, row);
    change.commit().await?;
    ground.wake(Wake::Schedule).await;
    Ok(Answer(ScheduleItem::of(row.into(), now())))
}

/// 修改定时任务, 未给出的不变 Edit a schedule; what is left out stays
#[utoipa::path(post, path = "/schedule/edit", tag = "schedule", request_body = EditedSchedule,
    responses((status = 200, body = Envelope<ScheduleItem>)))]
async fn edit(
    State(ground): State<Ground>,
    caller: Caller,
    Body(edited): Body<EditedSchedule>,
) -> Result<Answer<ScheduleItem>, ApiError> {
    let own = lock("schedule", edited.schedule_id);
    let named = edited
        .name
        .as_deref()
        .map(|name| lock("schedule.name", name.trim()));
    let mut change = ground.change(&caller, named.into_iter().chain([own])).await?;
    let before = queries::by_id(&ground, &caller.scope, edited.schedule_id).await?;
    require_version(&before, edited.timestamp)?;
    let after = rules::with(&caller, before.clone(), &edited)?;
    if after.name != before.name {
        queries::require_free(&ground, before.organization_id, &after.name, before.schedule_id).await?;
    }
    let row = change.put(Some(&before), after);
    change.commit().await?;
    ground.wake(Wake::Schedule).await;
    Ok(Answer(ScheduleItem::of(row.into(), now())))
}

/// 启用或停用定时任务 Enable or disable a schedule
#[utoipa::path(post, path = "/schedule/enable", tag = "schedule", request_body = TurnedSchedule,
    responses((status = 200, body = Envelope<ScheduleItem>)))]
async fn enable(
    State(ground): State<Ground>,
    caller: Caller,
    Body(turned): Body<TurnedSchedule>,
) -> Result<Answer<ScheduleItem>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("schedule", turned.schedule_id)])
        .await?;
    let before = queries::by_id(&ground, &caller.scope, turned.schedule_id).await?;
    require_version(&before, turned.timestamp)?;
    if let (true, Some(kind)) = (turned.enabled, crate::command::kinds::kind(&before.command)) {
        require_allowed(&caller, kind)?;
    }
    let after = Schedule {
        enabled: u8::from(turned.enabled),
        ..before.clone()
    };
    let row = change.put(Some(&before), after);
    change.commit().await?;
    ground.wake(Wake::Schedule).await;
    Ok(Answer(ScheduleItem::of(row.into(), now())))
}

/// 删除定时任务 Delete a schedule
#[utoipa::path(post, path = "/schedule/delete", tag = "schedule", request_body = DeletedSchedule,
    responses((status = 200, body = Envelope<u8>)))]
async fn delete(
    State(ground): State<Ground>,
    caller: Caller,
    Body(deleted): Body<DeletedSchedule>,
) -> Result<Answer<u8>, ApiError> {
    let mut change = ground
        .change(&caller, [lock("schedule", deleted.schedule_id)])
        .await?;
    let before = queries::by_id(&ground, &caller.scope, deleted.schedule_id).await?;
    require_version(&before, deleted.timestamp)?;
    change.delete(&before);
    change.commit().await?;
    ground.wake(Wake::Schedule).await;
    Ok(Answer(0))
}

/// 定时任务的各次运行 The runs of a schedule
#[utoipa::path(get, path = "/schedule/runs", tag = "schedule", params(Paging, RunFilter),
    responses((status = 200, body = Envelope<Page<RunItem>>)))]
async fn runs(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<RunFilter>,
) -> Result<Response, ApiError> {
    queries::by_id(&ground, &caller.scope, list.filter.schedule_id).await?;
    list.answer::<RunItem>(&ground, &list.filter.conditions()).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Expression {
    /// cron表达式: 分 时 日 月 周, 北京时间 Cron expression: minute hour day month weekday, Asia/Shanghai
    #[param(example = "30 2 * * 1-5", max_length = 100)]
    cron: String,
    /// 几次, 缺省5 How many times, 5 by default
    #[param(minimum = 1, maximum = 50)]
    count: Option<usize>,
}

/// 预览cron表达式接下来的时间 When a cron expression is due next
#[utoipa::path(get, path = "/schedule/preview", tag = "schedule", params(Expression),
    responses((status = 200, body = Envelope<UpcomingTimes>)))]
async fn preview(Params(expression): Params<Expression>) -> Result<Answer<UpcomingTimes>, ApiError> {
    let count = expression.count.unwrap_or(5);
    if !(1..=50).contains(&count) {
        return Err(ApiError::invalid(
            "count",
            "须在1到50之间",
            "must be from 1 to 50",
        ));
    }
    let cron = cron::checked(&expression.cron, now())?;
    Ok(Answer(UpcomingTimes {
        times: cron::upcoming(&cron, now(), count),
        cron,
    }))
}
