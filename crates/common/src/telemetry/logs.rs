//! Logs by `tracing`, to stderr: stdout belongs to what a program prints for people and pipes.

use std::io::IsTerminal as _;

use serde::{Deserialize, Deserializer, de::Error as _};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::TelemetryError;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

/// Section `log`.
#[derive(Debug, Clone, Deserialize)]
pub struct LogConfig {
    /// Text or JSON.
    #[serde(default)]
    pub format: LogFormat,
    /// Directives of `tracing`'s env-filter, such as `info,ops_tcu=debug`; a wrong one is a wrong configuration.
    #[serde(deserialize_with = "directives")]
    pub filter: String,
}

fn directives<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match EnvFilter::try_new(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(D::Error::custom(format!(
            "`{text}` is no filter of logs: {error}"
        ))),
    }
}

/// Starts logging for the whole process.
///
/// # Errors
/// [`TelemetryError::Filter`], [`TelemetryError::Logs`].
pub fn init(config: &LogConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(|source| TelemetryError::Filter {
        filter: config.filter.clone(),
        source,
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_writer(std::io::stderr),
            )
            .try_init(),
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
    }
    .map_err(TelemetryError::Logs)
}
