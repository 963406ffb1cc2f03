//! Moments for people: China's time, unless a station says otherwise.

use chrono::{
    DateTime, Datelike as _, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone as _,
};
use chrono_tz::{Asia::Shanghai, Tz};

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

/// A time on a clock in China as Unix ms.
pub(crate) fn in_china(clock: NaiveDateTime) -> i64 {
    clock.and_utc().timestamp_millis() - 8 * 3_600_000
}

/// A station's time zone; empty is China's. None: there is no such zone.
pub(crate) fn zone(name: &str) -> Option<Tz> {
    if name.is_empty() {
        return Some(Shanghai);
    }
    name.parse().ok()
}

/// When the day began that it is there now, Unix ms.
pub(crate) fn day_start(zone: Tz, now: i64) -> i64 {
    match DateTime::from_timestamp_millis(now) {
        Some(now) => start_of(zone, now.with_timezone(&zone).date_naive()),
        None => now,
    }
}

/// Midnight, or the first moment of a day that has none, because clocks were put forward.
fn start_of(zone: Tz, day: NaiveDate) -> i64 {
    let midnight = day.and_time(NaiveTime::MIN);
    let hours = (0..4).map(|hour| midnight + TimeDelta::hours(hour));
    let first = hours
        .filter_map(|clock| zone.from_local_datetime(&clock).earliest())
        .next();
    first.map_or_else(
        || midnight.and_utc().timestamp_millis(),
        |first| first.timestamp_millis(),
    )
}

/// The days in China that a range of time touches, as `2026-11-01`; `to` is exclusive.
pub(crate) fn days(from: i64, to: i64) -> impl Iterator<Item = String> {
    let day = |at| {
        DateTime::from_timestamp_millis(at)
            .unwrap_or_default()
            .with_timezone(&CHINA)
            .date_naive()
    };
    let (first, last) = (day(from), day(to.saturating_sub(1)));
    first
        .iter_days()
        .take_while(move |day| *day <= last)
        .map(|day| day.to_string())
}

/// The first day of the month that it is in China, and that of the next, as `2026-11-01`.
pub(crate) fn month(now: i64) -> (String, String) {
    let day = DateTime::from_timestamp_millis(now)
        .unwrap_or_default()
        .with_timezone(&CHINA)
        .date_naive();
    let first = day.with_day(1).unwrap_or(day);
    (first.to_string(), (first + Months::new(1)).to_string())
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

    #[test]
    fn a_day_begins_at_the_stations_midnight() {
        // 2025-01-01 00:00 in Shanghai.
        let midnight = 1_735_660_800_000;
        let (china, kashgar) = (zone("").unwrap(), zone("Asia/Urumqi").unwrap());
        assert_eq!(day_start(china, midnight), midnight);
        assert_eq!(day_start(china, midnight - 1), midnight - 86_400_000);
        assert_eq!(day_start(kashgar, midnight), midnight - 22 * 3_600_000);
        assert_eq!(zone("Asia/Nowhere"), None);
        // Beirut puts its clocks forward at midnight: the day begins at one.
        let beirut = zone("Asia/Beirut").unwrap();
        assert_eq!(day_start(beirut, 1_711_836_000_000), 1_711_836_000_000);
    }

    #[test]
    fn a_range_touches_days_of_china() {
        let new_year = 1_735_660_800_000;
        let days = |from, to| days(from, to).collect::<Vec<_>>();
        assert_eq!(days(new_year, new_year + 1), ["2025-01-01"]);
        assert_eq!(days(new_year - 1, new_year), ["2024-12-31"]);
        assert_eq!(days(new_year - 1, new_year + 1), ["2024-12-31", "2025-01-01"]);
        // No calendar has that moment.
        assert_eq!(days(i64::MAX - 1, i64::MAX).len(), 1);
    }

    #[test]
    fn a_month_ends_in_china() {
        let new_year = 1_735_660_800_000;
        assert_eq!(month(new_year), ("2025-01-01".into(), "2025-02-01".into()));
        assert_eq!(month(new_year - 1), ("2024-12-01".into(), "2025-01-01".into()));
    }
}
