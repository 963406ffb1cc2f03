//! From when until when: the events of piles are too many to be asked for without it.

use super::{error::ApiError, language::Text};

const DAY_MS: i64 = 86_400_000;
/// Nobody reads more at once, and ClickHouse would have to.
const LONGEST_DAYS: i64 = 366;

/// A range of time, Unix ms: `from` is within, `to` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Span {
    /// What is asked for; the last 24 h if nothing is, and 24 h where only one end is given.
    ///
    /// # Errors
    /// 422 for an empty range, or one above 366 days.
    pub(crate) fn or_last_day(from: Option<i64>, to: Option<i64>, now: i64) -> Result<Self, ApiError> {
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) => (from, to),
            (Some(from), None) => (from, from.saturating_add(DAY_MS)),
            // What comes in this very millisecond is of the last day, too.
            (None, to) => {
                let to = to.unwrap_or(now.saturating_add(1));
                (to.saturating_sub(DAY_MS), to)
            }
        };
        Self::of(from, to, LONGEST_DAYS)
    }

    /// # Errors
    /// 422 for an empty range, or one above so many days.
    pub(crate) fn of(from: i64, to: i64, longest_days: i64) -> Result<Self, ApiError> {
        if from < 0 || to <= from {
            return Err(ApiError::invalid("to", "须晚于 from", "must be after from"));
        }
        if to - from > longest_days * DAY_MS {
            return Err(ApiError::Invalid {
                field: "to".into(),
                rule: Text::of(
                    format!("时间范围最长{longest_days}天"),
                    format!("the range is at most {longest_days} days"),
                ),
            });
        }
        Ok(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    #[test]
    fn the_last_day_is_meant_where_nothing_is_said() {
        let span = |from, to| Span::or_last_day(from, to, NOW).unwrap();
        assert_eq!(span(None, None).to, NOW + 1);
        let day = span(None, None);
        assert_eq!(day.to - day.from, DAY_MS);
        assert_eq!(
            span(Some(5), None),
            Span {
                from: 5,
                to: 5 + DAY_MS
            }
        );
        assert_eq!(span(None, Some(NOW)).from, NOW - DAY_MS);
        let shortest = span(Some(1), Some(2));
        assert_eq!((shortest.from, shortest.to), (1, 2));
    }

    #[test]
    fn a_range_is_neither_empty_nor_endless() {
        for (from, to) in [(2, 2), (3, 2), (-1, 2), (0, i64::MAX), (i64::MIN, i64::MAX)] {
            assert!(
                Span::or_last_day(Some(from), Some(to), NOW).is_err(),
                "{from} {to}"
            );
        }
        assert!(Span::or_last_day(Some(i64::MAX), None, NOW).is_err());
        assert!(Span::or_last_day(None, Some(i64::MIN), NOW).is_err());
        assert!(Span::of(0, 31 * DAY_MS, 31).is_ok() && Span::of(0, 31 * DAY_MS + 1, 31).is_err());
    }
}
