//! What operators and load balancers ask: is it alive, can it work, what has it done, which version is it.

mod broker;
mod status;

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, extract::State, routing::get};
use common::telemetry::{Build, MetricsHandle, Readiness};
use connections::{Figure, Reporter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Answer, ApiError, Config, Envelope, ground::Ground};

pub(crate) use status::routes as resource;

/// What is told of the web server, beside its checks.
const FIGURES: [Figure; 1] = [Figure {
    name: "requests_per_second",
    metric: "web_requests_total",
    label: "",
}];

/// What the web server depends on.
fn readiness(config: &Config, ground: &Ground) -> Readiness {
    let broker = Arc::new(config.mqtt.clone());
    let mut own = Readiness::new().with("mqtt", move || broker::connect(broker.clone()));
    if ground.register.is_configured() {
        let register = ground.register.clone();
        own = own.with("register", move || {
            let register = register.clone();
            async move { register.check().await }
        });
    }
    connections::checked(own, &ground.db, &ground.redis)
}

/// Says how the web server is, as every service does.
pub(crate) fn reporter(config: &Config, ground: &Ground, metrics: MetricsHandle) -> Reporter {
    let build = Build {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    };
    Reporter {
        redis: ground.redis.clone(),
        build,
        readiness: readiness(config, ground),
        metrics,
        figures: &FIGURES,
    }
}

/// The routes that need nobody to have signed in; `metrics` is what `/metrics` renders.
pub(crate) fn routes(config: &Config, ground: &Ground, metrics: MetricsHandle) -> Router {
    let readiness = readiness(config, ground);
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready).with_state(readiness))
        .route("/metrics", get(render).with_state(metrics))
        .route("/version", get(version))
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Live {
    /// 恒为 live Always `live`
    state: &'static str,
}

/// 是否存活 Whether it is alive
#[utoipa::path(get, path = "/health/live", tag = "system", responses((status = 200, body = Envelope<Live>)))]
pub(crate) async fn live() -> Answer<Live> {
    Answer(Live { state: "live" })
}

/// 是否就绪: 依赖的服务都有应答 Whether it can work: all dependencies answer
#[utoipa::path(get, path = "/health/ready", tag = "system",
    responses((status = 200, body = Envelope<BTreeMap<String, String>>,
            description = "每个依赖的服务, 恒为 ok Every dependency, always ok"),
        (status = 503, description = "msg 列出没有应答的服务 msg names those that do not answer")))]
pub(crate) async fn ready(
    State(readiness): State<Readiness>,
) -> Result<Answer<BTreeMap<&'static str, &'static str>>, ApiError> {
    let mut away = Vec::new();
    let mut checks = BTreeMap::new();
    for (name, outcome) in readiness.run().await {
        match outcome {
            Ok(()) => drop(checks.insert(name, "ok")),
            Err(reason) => {
                tracing::warn!(dependency = name, reason, "not ready");
                away.push(name);
            }
        }
    }
    if away.is_empty() {
        Ok(Answer(checks))
    } else {
        Err(ApiError::Unavailable(away))
    }
}

/// 运行指标 Metrics, as Prometheus reads them
#[utoipa::path(get, path = "/metrics", tag = "system",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn render(State(metrics): State<MetricsHandle>) -> String {
    // Folds the raw samples, so that they do not pile up between scrapes.
    metrics.run_upkeep();
    metrics.render()
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    /// 程序名 The program
    name: &'static str,
    /// 版本 Its version
    version: &'static str,
}

/// 程序版本 Which version runs
#[utoipa::path(get, path = "/version", tag = "system", responses((status = 200, body = Envelope<Version>)))]
pub(crate) async fn version() -> Answer<Version> {
    Answer(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    })
}
