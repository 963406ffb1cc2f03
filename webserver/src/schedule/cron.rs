//! Cron expressions as people give them, beyond what `common::cron` reads.

use common::cron::{Cron, CronError};

use crate::ground::{ApiError, Text};

const LONGEST: usize = 100;
/// Between two runs at least, ms: every pile is asked each time.
const SHORTEST_MS: i64 = 5 * 60_000;
/// Times that are looked at for that.
const LOOKED_AT: usize = 50;

/// As it is stored: one blank between two fields.
///
/// # Errors
/// 422 for what is no expression, comes never, or more often than every five minutes.
pub(super) fn checked(text: &str, now: i64) -> Result<String, ApiError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.len() > LONGEST {
        return Err(ApiError::invalid(
            "cron",
            "最多100个字符",
            "at most 100 characters",
        ));
    }
    text.parse::<Cron>().map_err(|error| match error {
        CronError::Never => ApiError::invalid("cron", "没有这样的时间", "means no time at all"),
        CronError::Unreadable(reason) => ApiError::Invalid {
            field: "cron".into(),
            rule: Text::of(
                format!("须为五段：分 时 日 月 周（{reason}）"),
                format!("must be five fields, minute hour day month weekday ({reason})"),
            ),
        },
    })?;
    if upcoming(&text, now, LOOKED_AT)
        .windows(2)
        .any(|two| two[1] - two[0] < SHORTEST_MS)
    {
        return Err(ApiError::invalid(
            "cron",
            "两次之间至少5分钟",
            "must leave five minutes at least between two runs",
        ));
    }
    Ok(text)
}

/// The next times after `now`, Unix ms; none for what is no expression.
pub(super) fn upcoming(text: &str, now: i64, count: usize) -> Vec<i64> {
    let Ok(cron) = text.parse::<Cron>() else {
        return Vec::new();
    };
    std::iter::successors(cron.next(now), |at| cron.next(*at))
        .take(count)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::time::show;

    /// 2026-11-21 13:05:00 in Shanghai, a Saturday.
    const NOW: i64 = 1_795_237_500_000;

    #[test]
    fn times_are_chinas() {
        let times = |text: &str, count| {
            let times = upcoming(text, NOW, count);
            times.into_iter().map(show).collect::<Vec<_>>()
        };
        assert_eq!(
            times("30 2 * * *", 2),
            ["2026-11-22 02:30:00", "2026-11-23 02:30:00"]
        );
        assert_eq!(times("0 8 * * 1-5", 1), ["2026-11-23 08:00:00"]);
        assert_eq!(times("5 13 * * *", 1), ["2026-11-22 13:05:00"]);
        assert!(times("x", 1).is_empty());
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        assert_eq!(checked("  30   2 * * * ", NOW).unwrap(), "30 2 * * *");
        assert!(checked("*/5 * * * *", NOW).is_ok());
        let long = "1,".repeat(60);
        for bad in [
            "",
            "* * * * *",
            "*/4 * * * *",
            "0 0 30 2 *",
            "61 * * * *",
            "@daily",
            "0 0 2 * * *",
            "x",
            &long,
        ] {
            assert!(checked(bad, NOW).is_err(), "{bad}");
        }
    }
}
