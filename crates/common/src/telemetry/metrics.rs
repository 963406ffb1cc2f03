//! The Prometheus recorder behind the `metrics` macros.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::TelemetryError;

/// Renders what has been recorded so far.
pub type MetricsHandle = PrometheusHandle;

/// Seconds. Fine around the group commit (5–20 ms) and the 50 ms promise of a confirmation, coarse above.
const LATENCY: [f64; 16] = [
    0.000_1, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];
/// Counts: rows or messages per batch.
const BATCH: [f64; 10] = [1.0, 8.0, 64.0, 256.0, 512.0, 1e3, 1e4, 1e5, 5e5, 1e6];
/// Bytes per batch or segment.
const SIZE: [f64; 8] = [256.0, 1e3, 4e3, 64e3, 1e6, 8e6, 64e6, 512e6];

/// Installs the recorder for the whole process. A histogram's unit is its name's ending: `_seconds`,
/// `_rows` and `_messages`, `_bytes` each have buckets of their own.
///
/// # Errors
/// [`TelemetryError::Metrics`], when one is installed already.
pub fn install_metrics() -> Result<MetricsHandle, TelemetryError> {
    [
        ("_seconds", &LATENCY[..]),
        ("_rows", &BATCH[..]),
        ("_messages", &BATCH[..]),
        ("_bytes", &SIZE[..]),
    ]
    .into_iter()
    .try_fold(PrometheusBuilder::new(), |builder, (suffix, buckets)| {
        builder.set_buckets_for_metric(Matcher::Suffix(suffix.to_owned()), buckets)
    })
    .and_then(PrometheusBuilder::install_recorder)
    .map_err(TelemetryError::Metrics)
}
