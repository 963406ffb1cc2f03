//! `run_data`: what one pile measured over time, as a chart shows it or row by row.

mod history;
mod rules;
mod wire;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    history::{GunHistory, Wanted},
    wire::Sample,
};
use crate::ground::{Answer, ApiError, Caller, Envelope, Ground, List, Page, Paging, Params, Span, within};

/// A pile sends a row every 15 s and gun: a quarter of a million a month.
const LONGEST_DAYS: i64 = 31;

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(history))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// 桩编号 Pile
    device_id: u64,
    /// 起始时间, 毫秒 From, Unix ms
    from: i64,
    /// 截止时间, 毫秒, 不含, 最长31天 Until, Unix ms, exclusive; at most 31 days after `from`
    to: i64,
    /// 枪号, 0=整桩, 缺省为全部 Gun from 1, 0 = the whole pile; all by default
    gun_num: Option<u8>,
}

/// 一台桩的运行数据明细 List the rows of one pile
#[utoipa::path(get, path = "/run_data/list", tag = "run_data", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Sample>>), (status = 404, description = "不存在 Not found")))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    let span = Span::of(filter.from, filter.to, LONGEST_DAYS)?;
    ground.require_pile(&caller.scope, filter.device_id).await?;
    let conditions = within(span)
        .and("device_id = ?", [filter.device_id.into()])
        .and_if("gun_num = ?", filter.gun_num);
    list.answer_reported::<Sample>(&ground, &caller.scope, &conditions.into(), |_| ())
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryFilter {
    /// 桩编号 Pile
    device_id: u64,
    /// 起始时间, 毫秒 From, Unix ms
    from: i64,
    /// 截止时间, 毫秒, 不含, 最长31天 Until, Unix ms, exclusive; at most 31 days after `from`
    to: i64,
    /// 枪号, 0=整桩, 缺省为全部 Gun from 1, 0 = the whole pile; all by default
    gun_num: Option<u8>,
    /// 每枪每量的最多点数 Most points per gun and quantity
    #[param(minimum = 2, maximum = 5000, default = 500)]
    points: Option<u32>,
}

/// 一台桩的历史曲线: 每枪每量不超过给定点数, 保留最小值与最大值 One pile's history, down-sampled to what a chart
/// can show; minima and maxima are kept
#[utoipa::path(get, path = "/run_data/history", tag = "run_data", params(HistoryFilter),
    responses((status = 200, body = Envelope<Vec<GunHistory>>), (status = 404, description = "不存在 Not found")))]
async fn history(
    State(ground): State<Ground>,
    caller: Caller,
    Params(filter): Params<HistoryFilter>,
) -> Result<Answer<Vec<GunHistory>>, ApiError> {
    let wanted = Wanted {
        device_id: filter.device_id,
        gun_num: filter.gun_num,
        span: Span::of(filter.from, filter.to, LONGEST_DAYS)?,
        points: rules::points(filter.points)?,
    };
    ground.require_pile(&caller.scope, wanted.device_id).await?;
    history::read(&ground, &wanted).await.map(Answer)
}
