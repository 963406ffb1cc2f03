//! `warn`: warnings of piles and of the platform, those that stand and those that are over.

mod wire;

use axum::{extract::State, response::Response};
use serde::Deserialize;
use store::{Conditions, versioned};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::Warning;
use crate::ground::{ApiError, Caller, Envelope, Ground, List, Page, Paging, Piles, Span, within_early};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Whether a warning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// 未恢复 It stands
    #[default]
    Open,
    /// 已恢复 It is over
    Closed,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// open=未恢复(缺省), closed=已恢复 `open` by default
    #[param(inline)]
    state: Option<Standing>,
    /// 发生的起始时间, 毫秒; 未恢复缺省为全部, 已恢复缺省为最近24小时 Raised from, Unix ms; by default all that
    /// stand, and those of the last 24 h that are over
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
    /// 告警代码 Code
    warn_code: Option<String>,
    /// 告警名称中的文字 Words in the name
    warn_name: Option<String>,
    /// 告警级别 Level
    warn_level: Option<u8>,
    /// 告警分类 Class
    warn_class: Option<String>,
}

/// 告警列表 List the warnings
#[utoipa::path(get, path = "/warn/list", tag = "warn", params(Paging, Filter),
    responses((status = 200, body = Envelope<Page<Warning>>)))]
async fn list(
    State(ground): State<Ground>,
    caller: Caller,
    list: List<Filter>,
) -> Result<Response, ApiError> {
    let conditions = list.filter.conditions(versioned::now())?;
    let sight = ground
        .sight(&caller.scope, list.filter.piles(), conditions)
        .await?;
    list.answer_reported::<Warning>(&ground, &caller.scope, &sight, |_| ())
        .await
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
        let standing = self.state.unwrap_or_default();
        // What stands must be seen however old it is.
        let all = standing == Standing::Open && self.from.is_none() && self.to.is_none();
        let conditions = if all {
            Conditions::new()
        } else {
            within_early(Span::or_last_day(self.from, self.to, now)?)
        };
        let conditions = conditions.and(
            match standing {
                Standing::Open => "state = '发生'",
                Standing::Closed => "state = '恢复'",
            },
            [],
        );
        Ok(conditions
            .and_if("warn_code = ?", self.warn_code.as_deref())
            .and_words(
                "positionCaseInsensitiveUTF8(warn_name, ?) > 0",
                self.warn_name.as_deref(),
            )
            .and_if("warn_level = ?", self.warn_level)
            .and_if("warn_class = ?", self.warn_class.as_deref()))
    }
}
