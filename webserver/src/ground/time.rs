//! Moments for people: China's time, unless a station says otherwise.

use chrono::{DateTime, FixedOffset};

/// Shanghai has had no other since 1992.
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset");

/// Unix ms as `2026-11-21 13:05:00`; empty for 0 and for what no calendar has.
pub(crate) fn show(at: i64) -> String {
    match DateTime::from_timestamp_millis(at) {
        Some(moment) if at != 0 => moment
            .with_timezone(&CHINA)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string(),
        _ => String::new(),
    }
}

/// Unix ms as a sheet's number: days since 1899-12-30 in China's time.
pub(crate) fn sheet_serial(at: i64) -> f64 {
    const DAY_MS: f64 = 86_400_000.0;
    const EPOCH: f64 = 25_569.0;
    (at as f64 + 8.0 * 3_600_000.0) / DAY_MS + EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_in_chinas_time() {
        assert_eq!(show(1_741_778_206_000), "2025-03-12 19:16:46");
        assert_eq!(show(1_735_660_800_000), "2025-01-01 00:00:00");
        assert_eq!(show(0), "");
        assert_eq!(show(i64::MAX), "");
        assert_eq!(sheet_serial(1_735_660_800_000), 45_658.0);
    }
}
