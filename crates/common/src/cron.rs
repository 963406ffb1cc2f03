//! When something recurs: a cron expression of five fields (minute, hour, day of month, month, day of week), by the
//! clock of Shanghai.

use std::str::FromStr;

use chrono::{DateTime, FixedOffset};
use croner::parser::{CronParser, Seconds, Year};

/// Shanghai, all year.
const OFFSET_S: i32 = 8 * 3600;

/// A cron expression.
#[derive(Debug, Clone)]
pub struct Cron(croner::Cron);

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It cannot be read.
    #[error("not a cron expression of five fields (minute hour day month weekday): {0}")]
    Unreadable(String),
    /// It can be read, and never happens, like the 30th of February.
    #[error("there is no such time")]
    Never,
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        if text.split_whitespace().count() != 5 {
            return Err(CronError::Unreadable(format!("{text:?}")));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let unreadable = |error: croner::errors::CronError| CronError::Unreadable(error.to_string());
        let cron = Self(parser.parse(text).map_err(unreadable)?);
        // From a leap year on, so that the 29th of February is found.
        cron.next(951_782_400_000).ok_or(CronError::Never)?;
        Ok(cron)
    }
}

impl Cron {
    /// The last time that is not after `now`; both Unix ms.
    pub fn latest(&self, now: i64) -> Option<i64> {
        let found = self.0.find_previous_occurrence(&local(now)?, true).ok()?;
        Some(found.timestamp_millis())
    }

    /// The first time after `now`; both Unix ms.
    pub fn next(&self, now: i64) -> Option<i64> {
        let found = self.0.find_next_occurrence(&local(now)?, false).ok()?;
        Some(found.timestamp_millis())
    }
}

fn local(ms: i64) -> Option<DateTime<FixedOffset>> {
    let time = DateTime::from_timestamp_millis(ms)?;
    // Whole seconds: what is left over would be carried into the answer.
    let time = DateTime::from_timestamp(time.timestamp(), 0)?;
    Some(time.with_timezone(&FixedOffset::east_opt(OFFSET_S)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `2026-11-21 08:00:30` in Shanghai.
    fn at(text: &str) -> i64 {
        let time = DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M:%S %z");
        time.unwrap().timestamp_millis()
    }

    fn cron(text: &str) -> Cron {
        text.parse().unwrap()
    }

    #[test]
    fn midnight_is_shanghais() {
        let daily = cron("0 0 * * *");
        assert_eq!(
            daily.next(at("2026-11-21 23:59:59")),
            Some(at("2026-11-22 00:00:00"))
        );
        assert_eq!(
            daily.latest(at("2026-11-22 00:00:00")),
            Some(at("2026-11-22 00:00:00"))
        );
        assert_eq!(
            daily.latest(at("2026-11-22 00:00:00") - 1),
            Some(at("2026-11-21 00:00:00"))
        );
        assert_eq!(
            daily.next(at("2026-11-22 00:00:00")),
            Some(at("2026-11-23 00:00:00"))
        );
        let around = cron("*/30 23,0 * * *");
        assert_eq!(
            around.next(at("2026-12-31 23:30:00")),
            Some(at("2027-01-01 00:00:00"))
        );
        assert_eq!(
            around.latest(at("2027-01-01 00:29:59")),
            Some(at("2027-01-01 00:00:00"))
        );
    }

    #[test]
    fn months_end_when_they_end() {
        let last = cron("30 2 L * *");
        assert_eq!(
            last.next(at("2027-02-01 00:00:00")),
            Some(at("2027-02-28 02:30:00"))
        );
        assert_eq!(
            last.next(at("2028-02-28 03:00:00")),
            Some(at("2028-02-29 02:30:00"))
        );
        assert_eq!(
            last.latest(at("2027-03-31 02:29:59")),
            Some(at("2027-02-28 02:30:00"))
        );
        let thirty_first = cron("0 4 31 * *");
        assert_eq!(
            thirty_first.next(at("2026-11-30 23:00:00")),
            Some(at("2026-12-31 04:00:00"))
        );
        assert_eq!(
            thirty_first.latest(at("2026-12-01 00:00:00")),
            Some(at("2026-10-31 04:00:00"))
        );
        let leap = cron("0 0 29 2 *");
        assert_eq!(
            leap.next(at("2026-11-21 00:00:00")),
            Some(at("2028-02-29 00:00:00"))
        );
        assert_eq!(
            leap.latest(at("2026-11-21 00:00:00")),
            Some(at("2024-02-29 00:00:00"))
        );
    }

    #[test]
    fn weekdays_begin_with_sunday_as_nought() {
        let sunday = cron("0 6 * * 0");
        assert_eq!(
            sunday.next(at("2026-11-21 08:00:30")),
            Some(at("2026-11-22 06:00:00"))
        );
        assert_eq!(
            cron("0 6 * * SUN").next(at("2026-11-21 08:00:30")),
            Some(at("2026-11-22 06:00:00"))
        );
    }

    #[test]
    fn what_is_no_expression_or_never_happens_is_refused() {
        for text in [
            "",
            "* * * *",
            "0 0 0 1 1 *",
            "60 * * * *",
            "0 0 * * MOON",
            "@daily",
            "0 0 * * * 2027",
        ] {
            assert!(
                matches!(text.parse::<Cron>(), Err(CronError::Unreadable(_))),
                "{text}"
            );
        }
        assert_eq!("0 0 30 2 *".parse::<Cron>().unwrap_err(), CronError::Never);
    }
}
