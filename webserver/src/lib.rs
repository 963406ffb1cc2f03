//! The web API. This file is the table of contents: a resource is a folder with its `routes()`, and one line
//! in `app`.

mod answer;
mod api_error;
mod config;
mod language;
mod observe;
mod system;

use std::net::SocketAddr;

use axum::{Router, middleware};
use common::{shutdown::Shutdown, telemetry::MetricsHandle};
use tokio::net::TcpListener;

pub use answer::Answer;
pub use api_error::ApiError;
pub use config::{Config, DEFAULTS};

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
    /// A dependency's address cannot be read; the section of the configuration is named.
    #[error("section {section} of the configuration names no server that can be used: {reason}")]
    Address {
        /// `redis` or `mqtt`.
        section: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Serving failed later.
    #[error("the web server failed")]
    Serve(#[source] std::io::Error),
}

/// A server that listens but does not answer yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    app: Router,
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
/// [`WebError::Listen`], [`WebError::Address`].
pub async fn bind(config: Config, metrics: MetricsHandle) -> Result<Bound, WebError> {
    let app = app(&config, metrics)?;
    let failed = |source| WebError::Listen {
        address: config.http.listen,
        source,
    };
    let listener = TcpListener::bind(config.http.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound {
        listener,
        address,
        app,
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
        let stop = shutdown.clone();
        let serving = axum::serve(self.listener, self.app)
            .with_graceful_shutdown(async move { stop.cancelled().await });
        let late = async {
            shutdown.cancelled().await;
            tokio::time::sleep(self.config.shutdown.deadline).await;
        };
        tokio::select! {
            result = serving => result.map_err(WebError::Serve),
            () = late => {
                tracing::warn!("requests were still open at the deadline");
                Ok(())
            }
        }
    }
}

/// All resources, under the layers that every answer passes.
fn app(config: &Config, metrics: MetricsHandle) -> Result<Router, WebError> {
    Ok(Router::new()
        .merge(system::routes(config, metrics)?)
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(middleware::from_fn(api_error::localize))
        .layer(middleware::from_fn(observe::observe)))
}
