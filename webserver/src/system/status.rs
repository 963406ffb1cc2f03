//! `/system/status`: how all services are, by what they said last.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use store::{
    ServiceStatus,
    service_status::{FORGOTTEN_AFTER, GONE_AFTER},
    versioned,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Answer, ApiError, Envelope,
    ground::{Caller, Ground},
};

pub(crate) fn routes() -> OpenApiRouter<Ground> {
    OpenApiRouter::new().routes(routes!(status))
}

/// How the services are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SystemStatus)]
struct Status {
    /// 服务器当前时间, 毫秒 Now, Unix ms
    now: i64,
    /// 各服务, 按名称; 24小时内上报过的 The services that have spoken within 24 h, by name
    services: Vec<Service>,
}

/// How a service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceStatus)]
struct Service {
    /// 服务名 The service
    #[schema(example = "ops_tcu")]
    name: String,
    /// 实例 Which of several
    instance: String,
    /// 版本 Its version
    version: String,
    /// 启动时间, 毫秒 Started, Unix ms
    started: i64,
    /// 最近上报, 毫秒 Last spoke, Unix ms
    at: i64,
    /// 是否在线: 35秒内上报过 Whether it has spoken within 35 s
    is_alive: bool,
    /// 依赖的服务: ok 或原因 Its dependencies: ok, or why not
    checks: BTreeMap<String, String>,
    /// 指标; 以 _per_second 结尾的是上次上报以来的平均值 Its figures; what ends in _per_second is the mean since it spoke before
    figures: BTreeMap<String, f64>,
}

impl Service {
    fn of(status: ServiceStatus, now: i64) -> Self {
        Self {
            is_alive: now - status.at < GONE_AFTER,
            name: status.name,
            instance: status.instance,
            version: status.version,
            started: status.started,
            at: status.at,
            checks: status.checks,
            figures: status.figures,
        }
    }
}

/// 各服务的状态、依赖和指标: 每10秒上报一次 How the services are, by what each says every 10 s
#[utoipa::path(get, path = "/system/status", tag = "system",
    responses((status = 200, body = Envelope<Status>)))]
async fn status(State(ground): State<Ground>, _: Caller) -> Result<Answer<Status>, ApiError> {
    let all: BTreeMap<String, String> = redis::cmd("HGETALL")
        .arg(ground.keys.service_status())
        .query_async(&mut ground.redis.clone())
        .await?;
    let now = versioned::now();
    // What another version wrote and cannot be read is left out: its next word will be one.
    let services = all
        .values()
        .filter_map(|text| serde_json::from_str::<ServiceStatus>(text).ok())
        .filter(|status| now - status.at < FORGOTTEN_AFTER)
        .map(|status| Service::of(status, now))
        .collect();
    Ok(Answer(Status { now, services }))
}
