//! How many rows a list has. Counting them takes the database longer than reading a page, so of what piles report,
//! which comes and is never changed, the number is kept for some seconds: whoever turns the pages does not count
//! again.

use std::time::Duration;

use clickhouse::query::Query;
use store::Conditions;

use super::{
    Ground,
    error::ApiError,
    kept::{self, Kept},
    list::Listed,
    scope::Scope,
};

/// A number is at most so old, the shorter where it is counted quickly.
const KEPT_FOR: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(30));

/// How many rows there are, each counted once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Total {
    pub(crate) rows: u64,
    /// Whether some are there more than once.
    pub(crate) repeated: bool,
}

impl Total {
    /// Rows from `first` on have been read, `wanted` at most: what that says of their number is newer.
    pub(crate) fn with_page(self, first: u64, wanted: u64, read: u64) -> u64 {
        match read < wanted && (read > 0 || first == 0) {
            true => first + read,
            false => self.rows.max(first + read),
        }
    }
}

/// What is kept, by list, filter and scope.
#[derive(Debug, Clone)]
pub(crate) struct Totals(Kept);

impl Default for Totals {
    fn default() -> Self {
        Self(Kept::between(KEPT_FOR.0, KEPT_FOR.1))
    }
}

impl Totals {
    /// The number, counted only if it is not kept.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn of<T: Listed>(
        &self,
        ground: &Ground,
        asked: &str,
        scope: &Scope,
        conditions: &Conditions,
    ) -> Result<Total, ApiError> {
        let name = kept::asked(T::WHAT, &asked, scope);
        let counted = self.0.get(name, total::<T>(ground, T::FROM, conditions));
        counted.await.map(|total| *total)
    }
}

/// Counts.
///
/// # Errors
/// 503 without ClickHouse.
pub(crate) async fn total<T: Listed>(
    ground: &Ground,
    from: &str,
    conditions: &Conditions,
) -> Result<Total, ApiError> {
    let one = async |query: Query| -> Result<(u64, u64), ApiError> {
        let rows = ground.db.rows::<(u64, u64)>(T::WHAT, query).await?;
        Ok(rows.first().copied().unwrap_or_default())
    };
    let marks = T::REPEATS.map_or("count()".to_owned(), |repeats| {
        format!("uniqExact({})", repeats.mark)
    });
    let count = format!("SELECT count(), {marks} FROM {from}");
    let (rows, marks) = one(conditions.query(&ground.db, &count)).await?;
    if rows == marks {
        return Ok(Total {
            rows,
            repeated: false,
        });
    }
    let count = format!("SELECT count(), count() FROM (SELECT 1 FROM {from}");
    let (once, _) = one(conditions.query_with(&ground.db, &count, &format!("{})", by::<T>()))).await?;
    Ok(Total {
        rows: once,
        repeated: once != rows,
    })
}

/// ` LIMIT 1 BY …`: each row once.
pub(crate) fn by<T: Listed>() -> String {
    T::REPEATS.map_or(String::new(), |repeats| format!(" LIMIT 1 BY {}", repeats.by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_ends_the_list_says_how_many_there_are() {
        let kept = Total {
            rows: 30,
            repeated: false,
        };
        assert_eq!(kept.with_page(0, 20, 20), 30);
        assert_eq!(kept.with_page(20, 20, 5), 25, "fewer than were counted");
        assert_eq!(kept.with_page(20, 20, 20), 40, "more");
        assert_eq!(kept.with_page(0, 20, 0), 0);
        assert_eq!(kept.with_page(40, 20, 0), 40, "beyond the end nothing is known");
    }
}
