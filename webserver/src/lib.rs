//! The web API. This file is the table of contents: a resource is a folder with its `routes()`, and one line
//! in `app`.

mod asset;
mod auth;
mod boot_failure;
mod broker_account;
mod command;
mod config;
mod console;
mod device_model;
mod ground;
mod log;
mod login;
mod operation_record;
mod organization;
mod ota;
mod parameter;
mod registration;
mod role;
mod run_data;
mod schedule;
mod station;
mod system;
mod trade_record;
mod user;
mod warn;

use std::net::SocketAddr;

use axum::{Router, middleware};
use common::{shutdown::Shutdown, telemetry::MetricsHandle};
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;

use ground::{Ground, caller, error, idempotency, observe, openapi};

pub use config::{Config, DEFAULTS, TrustedKeys};
pub use ground::{
    access_table::{ACCESS, Access, Need},
    answer::{Answer, Envelope, Page},
    error::ApiError,
    language::Text,
    permission::{SEEDS, SUPER_ROLE, Seed},
};

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The address of Redis is none.
    #[error("redis.url is not an address of Redis")]
    Redis(#[source] redis::RedisError),
    /// The address of register is none.
    #[error("register.url is {0:?}, which is no address of HTTP: write http://host:port")]
    Register(String),
    /// Serving failed later.
    #[error("the web server failed")]
    Serve(#[source] std::io::Error),
}

/// A server that listens but does not answer yet.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    ground: Ground,
    app: Router,
    reporter: connections::Reporter,
    config: Config,
}

/// Serves until the stop.
///
/// # Errors
/// [`WebError`].
pub async fn run(config: Config, metrics: MetricsHandle, shutdown: Shutdown) -> Result<(), WebError> {
    bind(config, metrics).await?.serve(shutdown).await
}

/// Takes the address. Dependencies need not be there: readiness tells of them.
///
/// # Errors
/// [`WebError::Listen`], [`WebError::Redis`], [`WebError::Register`].
pub async fn bind(config: Config, metrics: MetricsHandle) -> Result<Bound, WebError> {
    let ground = Ground::new(&config)?;
    let reporter = system::reporter(&config, &ground, metrics.clone());
    let app = app(&config, &ground, metrics)?;
    let failed = |source| WebError::Listen {
        address: config.http.listen,
        source,
    };
    let listener = TcpListener::bind(config.http.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound {
        listener,
        address,
        ground,
        app,
        reporter,
        config,
    })
}

impl Bound {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the stop, then lets open requests finish within the configured deadline.
    ///
    /// # Errors
    /// [`WebError::Serve`].
    pub async fn serve(self, shutdown: Shutdown) -> Result<(), WebError> {
        tracing::info!(address = %self.address, "serving");
        let (stop, streams) = (shutdown.clone(), self.ground.stop.clone());
        let commands = self.ground.commands.clone();
        let reporting = tokio::spawn(self.reporter.run(shutdown.clone()));
        let first_start = tokio::spawn(auth::first_start(self.ground));
        let app = self.app.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(self.listener, app).with_graceful_shutdown(async move {
            stop.cancelled().await;
            streams.cancel();
        });
        let late = async {
            shutdown.cancelled().await;
            tokio::time::sleep(self.config.shutdown.deadline).await;
        };
        let served = tokio::select! {
            result = serving => result.map_err(WebError::Serve),
            () = late => {
                tracing::warn!("requests were still open at the deadline");
                Ok(())
            }
        };
        first_start.abort();
        commands.close();
        let _ = reporting.await;
        served
    }
}

/// The OpenAPI document, as `/openapi.json` gives it.
pub fn openapi_document() -> serde_json::Value {
    let (_, api) = resources().split_for_parts();
    openapi::complete(&api)
}

/// The resources, a line each.
fn resources() -> OpenApiRouter<Ground> {
    OpenApiRouter::with_openapi(openapi::frame())
        .merge(auth::routes())
        .merge(user::routes())
        .merge(role::routes())
        .merge(organization::routes())
        .merge(operation_record::routes())
        .merge(system::resource())
        .merge(device_model::routes())
        .merge(station::routes())
        .merge(asset::routes())
        .merge(boot_failure::routes())
        .merge(trade_record::routes())
        .merge(run_data::routes())
        .merge(login::routes())
        .merge(warn::routes())
        .merge(command::routes())
        .merge(parameter::routes())
        .merge(log::routes())
        .merge(ota::routes())
        .merge(schedule::routes())
        .merge(registration::routes())
        .merge(broker_account::routes())
}

/// All resources, under the layers that every request passes: the last one first.
fn app(config: &Config, ground: &Ground, metrics: MetricsHandle) -> Result<Router, WebError> {
    let (resources, api) = resources().split_for_parts();
    let once = middleware::from_fn_with_state(ground.clone(), idempotency::answer_once);
    let authorize = middleware::from_fn_with_state(ground.clone(), caller::authorize);
    Ok(resources
        .with_state(ground.clone())
        .merge(system::routes(config, ground, metrics))
        .merge(openapi::routes(&api))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(once)
        .layer(authorize)
        .layer(middleware::from_fn(error::localize))
        // Behind the layer that authorizes: files are for everybody.
        .merge(console::routes())
        .layer(middleware::from_fn(observe::observe)))
}
