//! `trade_record`: finished charges, those whose number came with other contents, and what could not be read.
//! Money, and whatever may contain it, is for callers who have [`AMOUNT`].

mod conflict;
mod detail;
mod quarantine;
mod statistics;
mod wire;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use store::{Conditions, versioned};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    conflict::Conflict,
    detail::ChargeDetail,
    quarantine::Quarantined,
    statistics::{ChargeStatistics, StatisticsFilter},
    wire::Charge,
};
use crate::ground::{
    Answer, ApiError, Caller, Envelope, Ground, List, Page, Paging, Params, Piles, Span,
    access_table::AMOUNT, kept, within,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(counted))
        .routes(routes!(conflicts))
        .routes(routes!(quarantine))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
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
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
    /// 型号 Model of the pile
    model: Option<String>,
    /// 枪号 Gun, from 1
    gun_num: Option<u8>,
    /// 交易流水号 Trade number
    trade_id: Option<String>,
    /// 充电方式 How the charge was started
    charge_way: Option<String>,
    /// 停止原因中的文字 Words in why it stopped
    stop_reason: Option<String>,
    /// VIN中的文字 Words in the VIN
    vin: Option<String>,
}

impl Filter {
    fn piles(&self) -> Piles<'_> {
        Piles {
            device_id: self.device_id,
            sta_id: self.sta_id,
            model: self.model.as_deref(),
            uuid: self.uuid.as_deref(),
        }
    }

    fn conditions(&self, now: i64) -> Result<Conditions, ApiError> {
        let span = Span::or_last_day(self.from, self.to, now)?;
        Ok(within(span)
            .and_if("gun_num = ?", self.gun_num)
            .and_if("trade_id = ?", self.trade_id.as_deref())
            .and_if("charge_way = ?", self.charge_way.as_deref())
            .and_words(
                "positionCaseInsensitiveUTF8(stop_reason, ?) > 0",
                self.stop_reason.as_deref(),
            )
            .and_words("positionCaseInsensitiveUTF8(vin, ?) > 0", self.vin.as_deref()))
    }
}

/// 充电记录列表 List the charges
#[utoipa::path(get, path = "/trade_record/list", tag = "trade_record", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Charge>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(versioned::now())?;
    let sight = ground
        .sight(&caller.scope, list.filter.piles(), conditions)
        .await?;
    let hide = match caller.may(AMOUNT) {
        true => |_: &mut Charge| (),
        false => Charge::hide_amount,
    };
    list.answer_reported(&ground, &caller.scope, &sight, hide).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// 桩编号 Pile
    device_id: u64,
    /// 交易流水号 Trade number
    trade_id: String,
}

/// 充电记录详情: 首条及同号不同内容者 One charge, with whatever else came under its number
#[utoipa::path(get, path = "/trade_record/detail", tag = "trade_record", params(Which),
    responses((status = 200, body = Envelope<ChargeDetail>), (status = 404, description = "不存在 Not found")))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<ChargeDetail>, ApiError> {
    detail::read(&ground, &caller, &which).await.map(Answer)
}

/// 充电统计: 次数、电量、时长、一次充电成功率, 合计与逐日 Charges counted, with first-time success, in total and day by day
#[utoipa::path(get, path = "/trade_record/statistics", tag = "trade_record", params(StatisticsFilter),
    responses((status = 200, body = Envelope<ChargeStatistics>)))]
async fn counted(
    State(ground): State<Ground>,
    caller: Caller,
    Params(filter): Params<StatisticsFilter>,
) -> Result<Answer<ChargeStatistics>, ApiError> {
    let name = kept::asked("charges", &filter, &caller.scope);
    let counting = statistics::read(&ground, &caller.scope, &filter);
    let found = ground.statistics.get(name, counting).await?;
    Ok(Answer((*found).clone()))
}

/// 冲突列表: 同号不同内容的充电记录 List the charges whose number had come before with other contents
#[utoipa::path(get, path = "/trade_record/conflict/list", tag = "trade_record", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Conflict>>)))]
async fn conflicts(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(versioned::now())?;
    let conditions = conditions.and("conflict = 1", []);
    let sight = ground
        .sight(&caller.scope, list.filter.piles(), conditions)
        .await?;
    let hide = match caller.may(AMOUNT) {
        true => |_: &mut Conflict| (),
        false => Conflict::hide_amount,
    };
    list.answer_reported(&ground, &caller.scope, &sight, hide).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuarantineFilter {
    /// 起始时间, 毫秒, 缺省为最近24小时 From, Unix ms; the last 24 h by default
    from: Option<i64>,
    /// 截止时间, 毫秒, 不含 Until, Unix ms, exclusive; at most 366 days after `from`
    to: Option<i64>,
    /// 桩编号, 0=未知 Pile, 0 = unknown
    device_id: Option<u64>,
    /// 通信编号 The uuid with which it was sent
    uuid: Option<String>,
    /// 交易流水号 Trade number
    trade_id: Option<String>,
    /// 原因 Why it is in quarantine
    reason: Option<String>,
}

/// 隔离区: 未能入库的充电记录 List the charges that could not become rows
#[utoipa::path(get, path = "/trade_record/quarantine/list", tag = "trade_record",
    params(Paging, QuarantineFilter), responses((status = 200, body = Envelope<Page<Quarantined>>)))]
async fn quarantine(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<QuarantineFilter>,
) -> Result<Response, ApiError> {
    let filter = &list.filter;
    let span = Span::or_last_day(filter.from, filter.to, versioned::now())?;
    let conditions = Conditions::new()
        .and("recv_time >= ?", [span.from.into()])
        .and("recv_time < ?", [span.to.into()])
        // Without a number nobody can say that it was a charge, but it came as one.
        .and("table_name IN ('trade_record', '')", []);
    let conditions = caller
        .scope
        .devices(conditions)
        .and_if("device_id = ?", filter.device_id)
        .and_if("uuid = ?", filter.uuid.as_deref())
        .and_if("trade_id = ?", filter.trade_id.as_deref())
        .and_if("reason = ?", filter.reason.as_deref());
    if caller.may(AMOUNT) {
        return list.answer::<Quarantined>(&ground, &conditions).await;
    }
    list.answer_without::<Quarantined>(&ground, &conditions, Quarantined::hide_payload)
        .await
}
