//! What operators and load balancers ask: is it alive, can it work, what has it done, which version is it.

mod broker;

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use common::telemetry::{MetricsHandle, Readiness};
use serde_json::{Value, json};

use crate::{Answer, ApiError, Config, ground::Ground};

/// The routes; `metrics` is what `/metrics` renders.
pub(crate) fn routes(config: &Config, ground: &Ground, metrics: MetricsHandle) -> Router {
    let broker = Arc::new(config.mqtt.clone());
    let own = Readiness::new().with("mqtt", move || broker::connect(broker.clone()));
    let readiness = connections::checked(own, &ground.db, &ground.redis);
    Router::new()
        .route("/health/live", get(async || Answer(json!({ "state": "live" }))))
        .route("/health/ready", get(ready).with_state(readiness))
        .route("/metrics", get(render).with_state(metrics))
        .route("/version", get(version))
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
