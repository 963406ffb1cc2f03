//! From JSON values to typed fields: numbers as strings, strings as numbers, empty as absent, and what
//! cannot be used as a noted problem instead of a refused message.

use std::borrow::Cow;

use crate::json::Value;
use crate::milli::parse_scaled;
use crate::uplink::{EventState, FailureReason};
use crate::{Milli, PileTime, ProblemKind, Problems, Vin, Zone, time, zone};

/// What a reader makes of a value.
pub(crate) type Read<T> = Result<Option<T>, ProblemKind>;

/// Stores what `read` makes of a value. The first value of a repeated key stays; a later, different one
/// is noted with its text, so that nothing is lost.
pub(crate) fn put<'a, T: PartialEq>(
    slot: &mut Option<T>,
    read: impl FnOnce(&Value<'a>) -> Read<T>,
    key: Cow<'a, str>,
    value: Value<'a>,
    problems: &mut Problems<'a>,
) {
    match (read(&value), &slot) {
        (Ok(None), _) => {}
        (Ok(found), None) => *slot = found,
        (Ok(found), Some(_)) if found == *slot => {}
        (Ok(Some(_)), Some(_)) => problems.push(key, ProblemKind::Repeated, value.into_text()),
        (Err(kind), _) => problems.push(key, kind, value.into_text()),
    }
}

/// A text; numbers and words count as their own text.
pub(crate) fn text<'a>(value: &Value<'a>) -> Read<Cow<'a, str>> {
    match value {
        Value::Composite(_) => Err(ProblemKind::WrongType),
        other => Ok(other.scalar_cow()),
    }
}

fn scalar<'v>(value: &'v Value<'_>) -> Read<&'v str> {
    match value {
        Value::Composite(_) => Err(ProblemKind::WrongType),
        other => Ok(other.scalar()),
    }
}

fn number(value: &Value<'_>, decimals: i32) -> Read<i64> {
    let Some(text) = scalar(value)? else {
        return Ok(None);
    };
    match parse_scaled(text, decimals) {
        Some(number) => Ok(Some(number)),
        None if text.parse::<f64>().is_ok() && text.contains(|c: char| c.is_ascii_digit()) => {
            Err(ProblemKind::OutOfRange)
        }
        None => Err(ProblemKind::NotANumber),
    }
}

/// A decimal number with thousandths.
pub(crate) fn milli(value: &Value<'_>) -> Read<Milli> {
    Ok(number(value, 3)?.map(Milli))
}

/// A whole number of the width of `T`; decimals are rounded.
pub(crate) fn integer<T: TryFrom<i64>>(value: &Value<'_>) -> Read<T> {
    let Some(number) = number(value, 0)? else {
        return Ok(None);
    };
    T::try_from(number).map(Some).map_err(|_| ProblemKind::OutOfRange)
}

/// 0 to 100; vehicles send 255 for 'unknown', which is no percentage.
pub(crate) fn percent(value: &Value<'_>) -> Read<u8> {
    match integer(value)? {
        Some(101..) => Err(ProblemKind::OutOfRange),
        other => Ok(other),
    }
}

/// A time of the pile's clock.
pub(crate) fn time(value: &Value<'_>) -> Read<PileTime> {
    let Some(text) = scalar(value)? else {
        return Ok(None);
    };
    time::parse(text).map(Some).ok_or(ProblemKind::NotATime)
}

/// A data zone.
pub(crate) fn zone<'a>(value: &Value<'a>) -> Read<Zone<'a>> {
    Ok(text(value)?.map(Zone::new))
}

/// A gun number, `1` or `"1"` or, as some firmware writes it, `"1枪"`.
pub(crate) fn gun(value: &Value<'_>) -> Read<u8> {
    match integer(value) {
        Err(ProblemKind::NotANumber) => zone::gun_of_zone(value.scalar().unwrap_or_default())
            .map(Some)
            .ok_or(ProblemKind::NotANumber),
        other => other,
    }
}

/// A vehicle identification, with the bytes as they were sent.
pub(crate) fn vin<'a>(value: &Value<'a>) -> Read<Vin<'a>> {
    Ok(match value {
        Value::Text { text, raw } => Vin::read(text.clone(), *raw),
        other => text(other)?.and_then(|text| Vin::read(text, None)),
    })
}

/// Why a charge did not start.
pub(crate) fn failure<'a>(value: &Value<'a>) -> Read<FailureReason<'a>> {
    Ok(text(value)?.map(FailureReason::new))
}

/// `发生` or `恢复`.
pub(crate) fn event_state<'a>(value: &Value<'a>) -> Read<EventState<'a>> {
    Ok(text(value)?.map(EventState::new))
}
