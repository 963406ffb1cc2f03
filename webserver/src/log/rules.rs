//! What may be asked for.

use store::table::log_file::LogFile;

use crate::ground::{ApiError, Text, check};

/// Piles of one request.
pub(super) const MOST_PILES: usize = 1000;
const LONGEST_NAME: usize = 128;
const DEFAULT_DEADLINE_S: i64 = 3600;
const DEADLINE_S: std::ops::RangeInclusive<i64> = 60..=7 * 86_400;

/// The file's name, which becomes a part of a path on the pile and on the FTP server: no folders, nothing that a
/// server, a shell or a control connection would read as more than a name.
pub(super) fn file_name(text: &str) -> Result<String, ApiError> {
    let name = check::name("file_name", text, LONGEST_NAME)?;
    let refused = |zh, en| Err(ApiError::invalid("file_name", zh, en));
    if name.len() > LONGEST_NAME {
        return refused("最多128字节", "at most 128 bytes");
    }
    if name.starts_with(['.', '-', '~']) || name.ends_with('.') {
        return refused(
            "不能以 . - ~ 开头或以 . 结尾",
            "must neither begin with . - ~ nor end with a dot",
        );
    }
    let tricky =
        |c: char| "/\\:*?\"<>|%$`;&'".contains(c) || (c.is_whitespace() && c != ' ') || is_invisible(c);
    if name.contains("..") || name.chars().any(tricky) {
        return refused(
            "须为单纯的文件名，不含路径、.. 或 \\ : * ? \" < > | % $ ` ; & '",
            "must be a plain name, without a path, .. or any of \\ : * ? \" < > | % $ ` ; & '",
        );
    }
    Ok(name)
}

/// Marks that turn or hide what stands around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

/// In seconds.
pub(super) fn deadline(seconds: Option<i64>) -> Result<i64, ApiError> {
    let seconds = seconds.unwrap_or(DEFAULT_DEADLINE_S);
    if DEADLINE_S.contains(&seconds) {
        return Ok(seconds);
    }
    Err(ApiError::invalid(
        "deadline_s",
        "须为60到604800秒",
        "must be from 60 to 604800 seconds",
    ))
}

/// # Errors
/// 409 for a log that has come to its end.
pub(super) fn require_open(log: &LogFile) -> Result<(), ApiError> {
    match log.state() {
        Some(state) if state.is_final() => Err(state_forbids(log, "撤销", "cannot be withdrawn")),
        _ => Ok(()),
    }
}

/// # Errors
/// 409 for a log that is still awaited.
pub(super) fn require_ended(log: &LogFile) -> Result<(), ApiError> {
    match log.state() {
        Some(state) if state.is_final() => Ok(()),
        _ => Err(state_forbids(
            log,
            "删除，须先撤销",
            "cannot be deleted, withdraw it first",
        )),
    }
}

fn state_forbids(log: &LogFile, zh: &str, en: &str) -> ApiError {
    let state = &log.state;
    ApiError::Conflict(Text::of(
        format!("日志状态为 {state}，不能{zh}"),
        format!("A log that is {state} {en}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        for good in [
            "BillingGun1.0.log",
            "运行日志 2026-11-21.txt",
            "a",
            "core.1234",
            "a_b-c+d@e",
        ] {
            assert_eq!(file_name(good).unwrap(), good);
        }
        assert_eq!(file_name(" a.log ").unwrap(), "a.log");
        let long = "长".repeat(43);
        for bad in [
            "",
            " ",
            ".",
            "..",
            "../a",
            "a/b",
            "/etc/passwd",
            "..\\a",
            "a\\b",
            "C:a",
            "a\0b",
            "a\r\nDELE b",
            "%2e%2e%2fa",
            "a..b",
            "-rf",
            "~root",
            ".profile",
            "a;b",
            "$(a)",
            "`a`",
            "a\u{202e}gol",
            "a\u{200b}",
            "a.",
            &long,
        ] {
            assert!(file_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_what_is_awaited_is_withdrawn_and_only_what_has_ended_deleted() {
        for (state, open) in [
            ("requested", true),
            ("uploading", true),
            ("collected", false),
            ("failed", false),
        ] {
            let log = LogFile {
                state: state.into(),
                ..LogFile::default()
            };
            assert_eq!(require_open(&log).is_ok(), open, "{state}");
            assert_eq!(require_ended(&log).is_ok(), !open, "{state}");
        }
    }
}
