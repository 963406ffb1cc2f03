//! `login`: when piles signed in, and with which versions.

mod wire;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use store::versioned;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::Login;
use crate::ground::{ApiError, Caller, Envelope, Ground, List, Page, Paging, Piles, Span, within};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// 起始时间, 毫秒, 缺省为最近24小时 From, Unix ms; the last 24 h by default
    from: Option<i64>,
    /// 截止时间, 毫秒, 不含 Until, Unix ms, exclusive; at most 366 days after `from`
    to: Option<i64>,
    /// 场站编号 Station
    sta_id: Option<u64>,
    /// 桩编号 Pile
    device_id: Option<u64>,
    /// 登录所用通信编号 The uuid with which it signed in
    uuid: Option<String>,
    /// 登录时上报的型号 Model as it said
    model: Option<String>,
    /// 软件版本 Software version
    software_version: Option<String>,
    /// 出厂编号 Factory serial number
    sn: Option<String>,
    /// SIM卡号 ICCID
    sim: Option<String>,
}

/// 登录记录列表 List the logins
#[utoipa::path(get, path = "/login/list", tag = "login", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Login>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    let span = Span::or_last_day(filter.from, filter.to, versioned::now())?;
    let piles = Piles {
        device_id: filter.device_id,
        sta_id: filter.sta_id,
        ..Piles::default()
    };
    let conditions = within(span)
        .and_if("uuid = ?", filter.uuid.as_deref())
        .and_if("model = ?", filter.model.as_deref())
        .and_if("software_version = ?", filter.software_version.as_deref())
        .and_if("sn = ?", filter.sn.as_deref())
        .and_if("sim = ?", filter.sim.as_deref());
    let sight = ground.sight(&caller.scope, piles, conditions).await?;
    list.answer_reported::<Login>(&ground, &caller.scope, &sight, |_| ())
        .await
}
