//! How a long series becomes a short one that looks the same.

use crate::ground::{ApiError, Span};

const DEFAULT_POINTS: u32 = 500;

/// How many points a series may have.
///
/// # Errors
/// 422.
pub(super) fn points(asked: Option<u32>) -> Result<u32, ApiError> {
    let points = asked.unwrap_or(DEFAULT_POINTS);
    if (2..=5000).contains(&points) {
        return Ok(points);
    }
    Err(ApiError::invalid(
        "points",
        "须在2到5000之间",
        "must be from 2 to 5000",
    ))
}

/// The length of a slice of time, ms: of each the least and the greatest value are kept, so there are half as
/// many slices as points.
pub(super) fn slice(span: Span, points: u32) -> i64 {
    let slices = i64::from(points / 2).max(1);
    ((span.length() + slices - 1) / slices).max(1)
}

/// What ClickHouse gives of a slice, in the order of time: one point where the least is the greatest.
pub(super) fn extremes(least: (i64, f64), greatest: (i64, f64)) -> impl Iterator<Item = (i64, f64)> {
    let (first, second) = if least.0 <= greatest.0 {
        (least, greatest)
    } else {
        (greatest, least)
    };
    std::iter::once(first).chain((first != second).then_some(second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn points_are_bounded() {
        assert_eq!(points(None).unwrap(), 500);
        assert!(points(Some(1)).is_err() && points(Some(5001)).is_err());
    }

    #[test]
    fn a_slice_has_one_or_two_points_in_order() {
        let all = |least, greatest| extremes(least, greatest).collect::<Vec<_>>();
        assert_eq!(all((1, 2.0), (1, 2.0)), [(1, 2.0)]);
        assert_eq!(all((5, 1.0), (3, 9.0)), [(3, 9.0), (5, 1.0)]);
        assert_eq!(all((3, 1.0), (5, 9.0)), [(3, 1.0), (5, 9.0)]);
    }

    proptest! {
        #[test]
        fn there_are_never_more_slices_than_half_the_points(length in 1..40_000_000_000_i64, points in 2..5001_u32) {
            let slice = slice(Span { from: 7, to: 7 + length }, points);
            let slices = (length - 1) / slice + 1;
            prop_assert!(slices * 2 <= i64::from(points), "{slices}");
        }
    }
}
