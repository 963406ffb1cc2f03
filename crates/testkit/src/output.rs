//! What a program under test says of itself: its log, one JSON object a line, and its metrics.

use serde_json::Value;

/// The first line that was logged with this message.
pub fn logged(log: &str, message: &str) -> Option<Value> {
    log.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["message"] == message)
}

/// # Panics
/// If anything panicked or was logged as an error.
pub fn assert_log_is_clean(log: &str) {
    let bad = |line: &&str| line.contains("panicked at") || line.contains(r#""level":"ERROR""#);
    let bad: Vec<_> = log.lines().filter(bad).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

/// The sum of a metric's samples whose labels contain `label`, from what `/metrics` answers.
pub fn metric_sum(metrics: &str, name: &str, label: &str) -> f64 {
    let of_name = |line: &&str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['{', ' ']))
    };
    let samples = metrics
        .lines()
        .filter(of_name)
        .filter(|line| line.contains(label));
    samples
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}
