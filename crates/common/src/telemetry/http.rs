//! `/metrics`, `/health/live`, `/health/ready`, `/version`, as a router that any service can mount.

use std::{net::SocketAddr, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{MetricsHandle, Readiness, TelemetryError};
use crate::shutdown::Shutdown;

/// The recorder keeps raw samples of histograms until they are folded into buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Section `telemetry`.
#[derive(Debug, Clone, Deserialize)]
pub struct TelemetryConfig {
    /// Where metrics and health are served. Keep it on loopback, or behind something that authenticates.
    pub listen: SocketAddr,
}

/// What is running.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Build {
    /// The service.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

#[derive(Clone)]
struct Parts {
    metrics: MetricsHandle,
    readiness: Readiness,
    build: Build,
}

/// The four routes, for a service to serve by itself or to merge into its own.
pub fn router(metrics: MetricsHandle, readiness: Readiness, build: Build) -> Router {
    Router::new()
        .route(
            "/metrics",
            get(async |State(parts): State<Parts>| parts.metrics.render()),
        )
        .route("/health/live", get(async || Json(json!({ "status": "live" }))))
        .route("/health/ready", get(ready))
        .route(
            "/version",
            get(async |State(parts): State<Parts>| Json(parts.build)),
        )
        .with_state(Parts {
            metrics,
            readiness,
            build,
        })
}

/// 200 or 503, with every dependency's state by name.
async fn ready(State(parts): State<Parts>) -> (StatusCode, Json<Value>) {
    let outcome = parts.readiness.run().await;
    let all = outcome.values().all(Result::is_ok);
    let checks: serde_json::Map<_, _> = outcome
        .into_iter()
        .map(|(name, result)| {
            (
                name.to_owned(),
                Value::from(result.err().unwrap_or_else(|| "ok".to_owned())),
            )
        })
        .collect();
    let (status, word) = if all {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    (status, Json(json!({ "status": word, "checks": checks })))
}

/// Serves the routes until the stop. Returns the bound address at once (port 0 is any free one) and the
/// task that serves.
///
/// # Errors
/// [`TelemetryError::Listen`].
pub async fn serve(
    config: &TelemetryConfig,
    metrics: MetricsHandle,
    readiness: Readiness,
    build: Build,
    shutdown: Shutdown,
) -> Result<(SocketAddr, tokio::task::JoinHandle<Result<(), TelemetryError>>), TelemetryError> {
    let failed = |source| TelemetryError::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    tokio::spawn(upkeep(metrics.clone(), shutdown.clone()));
    let app = router(metrics, readiness, build);
    let task = tokio::spawn(async move {
        let stop = async move { shutdown.cancelled().await };
        axum::serve(listener, app)
            .with_graceful_shutdown(stop)
            .await
            .map_err(TelemetryError::Serve)
    });
    Ok((address, task))
}

async fn upkeep(metrics: MetricsHandle, shutdown: Shutdown) {
    let mut every = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = every.tick() => metrics.run_upkeep(),
        }
    }
}
