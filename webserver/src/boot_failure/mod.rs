//! `boot_failure`: charges that failed to start, with the pile, its station, the vehicle and the cause.

mod detail;
mod statistics;
mod wire;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use store::{Conditions, versioned};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    detail::FailureDetail,
    statistics::{Asked, FailureStatistics, Grouping},
    wire::BootFailure,
};
use crate::ground::{
    Answer, ApiError, Caller, Envelope, Ground, List, Page, Paging, Params, Piles, Span, kept, within,
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(counted))
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
    /// 失败代码 Code, such as 0X68
    failed_hex: Option<String>,
    /// 责任方 Party, such as 车辆原因
    failed_party: Option<String>,
    /// 失败原因 Cause, such as BRM报文接收超时
    failed_text: Option<String>,
    /// 充电方式 How the charge was started
    charge_way: Option<String>,
    /// VIN中的文字 Words in the VIN
    vin: Option<String>,
    /// 交易流水号 Trade number
    trade_id: Option<String>,
}

/// 启动失败列表 List the charges that failed to start
#[utoipa::path(get, path = "/boot_failure/list", tag = "boot_failure", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<BootFailure>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let span = list.filter.span(versioned::now())?;
    let conditions = list.filter.conditions(span);
    let sight = ground
        .sight(&caller.scope, list.filter.piles(), conditions)
        .await?;
    list.answer_reported::<BootFailure>(&ground, &caller.scope, &sight, |_| ())
        .await
}

impl Filter {
    fn span(&self, now: i64) -> Result<Span, ApiError> {
        Span::or_last_day(self.from, self.to, now)
    }

    fn piles(&self) -> Piles<'_> {
        Piles {
            device_id: self.device_id,
            sta_id: self.sta_id,
            model: self.model.as_deref(),
            uuid: self.uuid.as_deref(),
        }
    }

    fn conditions(&self, span: Span) -> Conditions {
        within(span)
            .and_if("gun_num = ?", self.gun_num)
            .and_if("failed_hex = ?", self.failed_hex.as_deref())
            .and_if("failed_party = ?", self.failed_party.as_deref())
            .and_if("failed_text = ?", self.failed_text.as_deref())
            .and_if("charge_way = ?", self.charge_way.as_deref())
            .and_words("positionCaseInsensitiveUTF8(vin, ?) > 0", self.vin.as_deref())
            .and_if("trade_id = ?", self.trade_id.as_deref())
    }
}

/// 启动失败统计: 按代码、责任方、场站、型号、软件版本、车辆、小时或日期; 筛选与列表相同 Failures counted by code, party, station, model,
/// firmware, vehicle, hour or day; with the filter of the list
#[utoipa::path(get, path = "/boot_failure/statistics", tag = "boot_failure", params(Grouping, Filter),
    responses((status = 200, body = Envelope<FailureStatistics>)))]
async fn counted(
    State(ground): State<Ground>,
    caller: Caller,
    asked: Asked,
) -> Result<Answer<FailureStatistics>, ApiError> {
    let counting = async {
        let span = asked.filter.span(versioned::now())?;
        let conditions = asked.filter.conditions(span);
        let sight = ground
            .sight(&caller.scope, asked.filter.piles(), conditions)
            .await?;
        statistics::read(&ground, &sight.exactly, span, &asked.grouping).await
    };
    let name = kept::asked("boot failures", &asked, &caller.scope);
    let found = ground.statistics.get(name, counting).await?;
    Ok(Answer((*found).clone()))
}

/// Which one: the list has all of it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// 桩编号 Pile
    device_id: u64,
    /// 列表中的时间, 毫秒 Time in the list, Unix ms
    timestamp: i64,
    /// 列表中的交易流水号, 可为空 Trade number in the list, may be empty
    trade_id: Option<String>,
}

/// 启动失败详情: 资产、当时版本、前后情况 One failure, with the pile, its versions then, and what else happened
#[utoipa::path(get, path = "/boot_failure/detail", tag = "boot_failure", params(Which),
    responses((status = 200, body = Envelope<FailureDetail>), (status = 404, description = "不存在 Not found")))]
async fn detail(
    State(ground): State<Ground>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Answer<FailureDetail>, ApiError> {
    detail::read(&ground, &caller.scope, &which).await.map(Answer)
}
