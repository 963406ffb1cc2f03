//! What operators and load balancers ask: is it alive, can it work, what has it done, which version is it.

mod broker;
mod redis;

use std::time::Duration;

use axum::{Router, extract::State, routing::get};
use common::telemetry::{MetricsHandle, Readiness};
use serde_json::{Value, json};

use store::{Clickhouse, ClickhouseOptions};

use crate::{Answer, ApiError, Config, WebError, config};

/// A dependency that answers later than this is as good as away.
const ASK_WITHIN: Duration = Duration::from_secs(2);

/// The routes; `metrics` is what `/metrics` renders.
pub(crate) fn routes(config: &Config, metrics: MetricsHandle) -> Result<Router, WebError> {
    let clickhouse = clickhouse(&config.clickhouse);
    let redis = redis::client(&config.redis)?;
    let broker = broker::Broker::new(&config.mqtt)?;
    let readiness = Readiness::new()
        .with("clickhouse", move || answers(clickhouse.clone()))
        .with("redis", move || redis::ping(redis.clone()))
        .with("mqtt", move || broker::connect(broker.clone()));
    Ok(Router::new()
        .route("/health/live", get(async || Answer(json!({ "state": "live" }))))
        .route("/health/ready", get(ready).with_state(readiness))
        .route("/metrics", get(render).with_state(metrics))
        .route("/version", get(version)))
}

fn clickhouse(config: &config::Clickhouse) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: config.url.clone(),
        database: config.database.clone(),
        user: config.user.clone(),
        password: config.password.expose().to_owned(),
        connect_timeout: ASK_WITHIN,
        request_timeout: ASK_WITHIN,
        compression: false,
    })
}

async fn answers(clickhouse: Clickhouse) -> Result<(), String> {
    clickhouse
        .ping()
        .await
        .map_err(|error| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })
}

/// 200 once every dependency answers, 503 naming those that do not.
async fn ready(State(readiness): State<Readiness>) -> Result<Answer<Value>, ApiError> {
    let mut away = Vec::new();
    let mut checks = serde_json::Map::new();
    for (name, outcome) in readiness.run().await {
        match outcome {
            Ok(()) => drop(checks.insert(name.to_owned(), "ok".into())),
            Err(reason) => {
                tracing::warn!(dependency = name, reason, "not ready");
                away.push(name);
            }
        }
    }
    if away.is_empty() {
        Ok(Answer(checks.into()))
    } else {
        Err(ApiError::Unavailable(away))
    }
}

async fn render(State(metrics): State<MetricsHandle>) -> String {
    // Folds the raw samples, so that they do not pile up between scrapes.
    metrics.run_upkeep();
    metrics.render()
}

async fn version() -> Answer<Value> {
    Answer(json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }))
}
