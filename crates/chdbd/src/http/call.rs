//! What a request asks for, apart from its body.

use std::borrow::Cow;

use hyper::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};

use crate::engine::Scope;
use crate::exception::Exception;
use crate::wire::Encoding;

/// Parameters of the interface that say nothing to the embedded engine: it has no users, quotas or progress.
const IGNORED: &[&str] = &[
    "user",
    "password",
    "quota_key",
    "role",
    "stacktrace",
    "buffer_size",
    "enable_http_compression",
    "http_zlib_compression_level",
    "http_write_exception_in_output_format",
    "send_progress_in_http_headers",
    "client_protocol_version",
    "network_compression_method",
    "session_timeout",
    "session_check",
];

/// A request, read.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The statement, or its beginning, as given in the URL.
    pub(crate) query: String,
    pub(crate) scope: Scope,
    pub(crate) default_format: String,
    /// The body is in ClickHouse's compression frames.
    pub(crate) decompress: bool,
    pub(crate) encoding: Encoding,
    /// A GET.
    pub(crate) read_only: bool,
    /// Answer only once the end is known.
    pub(crate) whole: bool,
    pub(crate) query_id: String,
    /// The boundary's Content-Type when the body is a form.
    pub(crate) form: Option<String>,
}

impl Call {
    /// Reads the URL and the headers.
    pub(crate) fn read(parts: &Parts) -> Result<Self, Exception> {
        let header = |name: &str| text_of(&parts.headers, name).map(str::to_owned);
        let mut call = Self {
            query: String::new(),
            scope: Scope {
                database: header("x-clickhouse-database"),
                ..Scope::default()
            },
            default_format: header("x-clickhouse-format").unwrap_or_else(|| "TabSeparated".to_owned()),
            decompress: false,
            encoding: accepted(&parts.headers),
            read_only: parts.method == Method::GET,
            whole: false,
            query_id: String::new(),
            form: header(CONTENT_TYPE.as_str()).filter(|t| t.starts_with("multipart/form-data")),
        };
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            call.take(&name, value)?;
        }
        if call.query_id.is_empty() {
            call.query_id = format!("{:032x}", rand::random::<u128>());
        }
        Ok(call)
    }

    /// One parameter, of the URL or of a form.
    pub(crate) fn take(&mut self, name: &str, value: Cow<'_, str>) -> Result<(), Exception> {
        let on = || !matches!(value.as_ref(), "" | "0" | "false");
        match name {
            "query" => self.query.push_str(&value),
            "database" if !value.is_empty() => self.scope.database = Some(value.into_owned()),
            "default_format" if !value.is_empty() => self.default_format = value.into_owned(),
            "database" | "default_format" => {}
            "decompress" => self.decompress = on(),
            "compress" if on() => self.encoding = Encoding::NativeFrames,
            "compress" => {}
            "wait_end_of_query" => self.whole = on(),
            "query_id" => self.query_id = value.into_owned(),
            "session_id" => {
                return Err(Exception::new(
                    48,
                    "NOT_IMPLEMENTED",
                    "Sessions do not exist in the embedded ClickHouse",
                ));
            }
            ignored if IGNORED.contains(&ignored) => {}
            other => match other.strip_prefix("param_") {
                Some(param) => self.scope.params.push((param.to_owned(), value.into_owned())),
                None => self.setting(other, value)?,
            },
        }
        Ok(())
    }

    /// The name becomes SQL text, so it must be one word; whether it exists, the engine says.
    fn setting(&mut self, name: &str, value: Cow<'_, str>) -> Result<(), Exception> {
        let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if name.is_empty() || !word {
            return Err(Exception::new(
                115,
                "UNKNOWN_SETTING",
                format!("Unknown setting {name:?}"),
            ));
        }
        self.scope.settings.push((name.to_owned(), value.into_owned()));
        Ok(())
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// LZ4 when the client takes it: the one content encoding that costs less than loopback copying.
fn accepted(headers: &HeaderMap) -> Encoding {
    let list = text_of(headers, ACCEPT_ENCODING.as_str()).unwrap_or_default();
    let lz4 = list.split(',').any(|one| {
        one.split(';')
            .next()
            .is_some_and(|n| n.trim().eq_ignore_ascii_case("lz4"))
    });
    if lz4 { Encoding::Lz4Stream } else { Encoding::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &str) -> Result<Call, Exception> {
        let (parts, ()) = hyper::Request::get(uri)
            .header(ACCEPT_ENCODING, "gzip, lz4")
            .body(())
            .unwrap()
            .into_parts();
        Call::read(&parts)
    }

    #[test]
    fn parameters_settings_and_switches_are_told_apart() {
        let call =
            read("/?query=SELECT+1&database=d&param_a=x%20y&max_threads=3&decompress=1&user=u").unwrap();
        assert_eq!(
            (call.query.as_str(), call.scope.database.as_deref()),
            ("SELECT 1", Some("d"))
        );
        assert_eq!(call.scope.params, [("a".to_owned(), "x y".to_owned())]);
        assert_eq!(call.scope.settings, [("max_threads".to_owned(), "3".to_owned())]);
        assert!(call.decompress && call.read_only);
        assert_eq!(call.encoding, Encoding::Lz4Stream);
        assert_eq!(call.query_id.len(), 32);
    }

    #[test]
    fn what_cannot_be_honoured_is_refused() {
        assert_eq!(read("/?session_id=s").unwrap_err().code, 48);
        assert_eq!(read("/?a%3D1%2Cb=1").unwrap_err().code, 115);
    }
}
