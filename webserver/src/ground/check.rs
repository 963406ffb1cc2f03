//! Rules for single values that many resources share. Each gives the value as it is stored.

use super::{error::ApiError, language::Text};

/// A text for people: trimmed, of 1 to `most` characters, without control characters.
pub(crate) fn name(field: &'static str, text: &str, most: usize) -> Result<String, ApiError> {
    let text = optional(field, text, most)?;
    if text.is_empty() {
        return Err(ApiError::invalid(field, "不能为空", "must not be empty"));
    }
    Ok(text)
}

/// Like [`name`], but may be empty.
pub(crate) fn optional(field: &'static str, text: &str, most: usize) -> Result<String, ApiError> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(ApiError::Invalid {
            field: field.into(),
            rule: Text::of(format!("最多{most}个字符"), format!("at most {most} characters")),
        });
    }
    if text.chars().any(char::is_control) {
        return Err(ApiError::invalid(
            field,
            "不能含有控制字符",
            "must not contain control characters",
        ));
    }
    Ok(text.to_owned())
}

/// A number within limits.
pub(crate) fn between(field: &'static str, number: f64, least: f64, most: f64) -> Result<f64, ApiError> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(ApiError::Invalid {
        field: field.into(),
        rule: Text::of(
            format!("须在{least}到{most}之间"),
            format!("must be from {least} to {most}"),
        ),
    })
}

/// 3000-01-01 00:00 UTC.
const LAST_MOMENT: i64 = 32_503_680_000_000;

/// Unix ms before the year 3000; 0 is none.
pub(crate) fn moment(field: &'static str, at: i64) -> Result<i64, ApiError> {
    if (0..LAST_MOMENT).contains(&at) {
        return Ok(at);
    }
    Err(ApiError::invalid(
        field,
        "须为3000年以前的毫秒时间戳，0为无",
        "must be Unix ms before the year 3000, 0 for none",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("a", "  站 一\u{3000}", 3).unwrap(), "站 一");
        assert!(name("a", " \t", 3).is_err());
        assert!(name("a", "abcd", 3).is_err());
        assert!(name("a", "a\0b", 3).is_err());
        assert_eq!(optional("a", "", 3).unwrap(), "");
    }
}
