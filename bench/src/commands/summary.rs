//! Many times in one line.

/// Milliseconds; the line says p50, p99 and the worst.
pub(super) fn line(what: &str, times: &mut [f64], bar: &str) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| match times.len() {
        0 => f64::NAN,
        many => times[((many as f64 * share) as usize).min(many - 1)],
    };
    format!(
        "{what:<34} {:>6}   p50 {:>7.1} ms   p99 {:>7.1} ms   max {:>7.1} ms   {bar}",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

/// Unix µs.
pub(super) fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// Milliseconds from one Unix µs to a later one.
pub(super) fn ms_between(from: u64, to: u64) -> f64 {
    (to as f64 - from as f64) / 1000.0
}
