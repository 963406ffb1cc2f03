//! How a long series becomes a short one that looks the same.

use crate::ground::ApiError;

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

/// In which slice of time a row lies, as ClickHouse is asked, for rows with a `timestamp` and the `first` of all. Of a
/// slice the least and the greatest value are kept, so there are half as many slices as points.
pub(super) fn slice(to: i64, points: u32) -> String {
    let slices = (points / 2).max(1);
    format!("intDiv(timestamp - first, intDiv({to} - first, {slices}) + 1)")
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
}
