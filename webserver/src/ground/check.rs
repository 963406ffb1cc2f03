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
