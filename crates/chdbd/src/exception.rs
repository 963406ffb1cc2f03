//! The engine's errors as ClickHouse's HTTP interface gives them: a status, a code, and one line of text.

use hyper::StatusCode;

/// The code ClickHouse gives to what has none.
const UNKNOWN_EXCEPTION: u32 = 1002;

/// A refused or failed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    /// ClickHouse's error code.
    pub(crate) code: u32,
    /// `Code: N. DB::Exception: … (NAME)`.
    pub(crate) text: String,
}

impl Exception {
    /// An error of this server's own, in the engine's words.
    pub(crate) fn new(code: u32, name: &str, reason: impl AsRef<str>) -> Self {
        Self {
            code,
            text: format!("Code: {code}. DB::Exception: {}. ({name})", reason.as_ref()),
        }
    }

    /// An error text of the engine, which nearly always starts with its code.
    pub(crate) fn from_engine(text: &str) -> Self {
        let text = text.trim_end();
        let code = text
            .strip_prefix("Code: ")
            .and_then(|rest| rest.split('.').next()?.parse().ok());
        match code {
            Some(code) => Self {
                code,
                text: text.to_owned(),
            },
            None => Self::new(UNKNOWN_EXCEPTION, "UNKNOWN_EXCEPTION", text),
        }
    }

    /// `BAD_ARGUMENTS`.
    pub(crate) fn bad_arguments(reason: impl AsRef<str>) -> Self {
        Self::new(36, "BAD_ARGUMENTS", reason)
    }

    /// The status that ClickHouse gives to this code.
    pub(crate) fn status(&self) -> StatusCode {
        match self.code {
            // What the statement or its data did wrong.
            6 | 26 | 27 | 33 | 36 | 38 | 41 | 43 | 53 | 62 | 69 | 72 | 117 | 130 | 131 | 190 | 456 | 457 => {
                StatusCode::BAD_REQUEST
            }
            // What it named does not exist.
            16 | 46 | 47 | 50 | 56 | 60 | 63 | 73 | 81 | 115 => StatusCode::NOT_FOUND,
            164 | 192 | 193 | 497 | 516 => StatusCode::FORBIDDEN,
            159 => StatusCode::REQUEST_TIMEOUT,
            202 => StatusCode::SERVICE_UNAVAILABLE,
            223 => StatusCode::PAYLOAD_TOO_LARGE,
            48 => StatusCode::NOT_IMPLEMENTED,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_taken_from_the_text() {
        let missing =
            Exception::from_engine("Code: 60. DB::Exception: Table t does not exist. (UNKNOWN_TABLE)\n");
        assert_eq!((missing.code, missing.status()), (60, StatusCode::NOT_FOUND));
        assert!(missing.text.ends_with("(UNKNOWN_TABLE)"));
    }

    #[test]
    fn a_text_without_a_code_gets_one() {
        let odd = Exception::from_engine("send_insert does not support this");
        assert_eq!(odd.code, 1002);
        assert!(odd.text.starts_with("Code: 1002. DB::Exception: send_insert"));
    }
}
