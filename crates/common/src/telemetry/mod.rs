//! What an operator sees of a running service: logs on stderr, metrics and health over HTTP.

mod http;
mod logs;
mod metrics;
mod readiness;

pub use http::{Build, TelemetryConfig, router, serve};
pub use logs::{LogConfig, LogFormat, init};
pub use metrics::{MetricsHandle, install_metrics};
pub use readiness::Readiness;

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is not one that `tracing` understands.
    #[error("the log filter {filter:?} cannot be read")]
    Filter {
        /// As configured.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// Logging was started twice in one process.
    #[error("a log subscriber is already installed")]
    Logs(#[source] tracing_subscriber::util::TryInitError),
    /// The metrics recorder cannot be installed (mostly: there is one already).
    #[error("the metrics recorder cannot be installed")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The address of the HTTP server is taken or not ours.
    #[error("cannot listen on {address} for metrics and health")]
    Listen {
        /// As configured.
        address: std::net::SocketAddr,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The HTTP server failed later.
    #[error("the metrics and health server failed")]
    Serve(#[source] std::io::Error),
}

#[cfg(test)]
mod tests;
