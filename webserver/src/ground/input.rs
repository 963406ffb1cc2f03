//! What a request says, read so that every refusal is in the envelope and names the field: JSON bodies and
//! query strings. Fields that nobody knows are refused: a misspelt one must not be lost in silence.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header::CONTENT_TYPE, request::Parts},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::{error::ApiError, language::Text};

/// The largest JSON body, bytes.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// A JSON body of at most 1 MiB, no deeper than 128 levels.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let bytes = read(request.into_body(), BODY_LIMIT).await?;
        json(&bytes).map(Self)
    }
}

/// A whole body of at most `limit` bytes.
pub(crate) async fn read(body: axum::body::Body, limit: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Err(_) => Err(ApiError::Malformed(Text::new(
            "请求中断",
            "The request was cut off",
        ))),
    }
}

/// Whether the body says that it is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = known(&mut reader, |error: &serde_json::Error| error.is_data())?;
    reader.end().map_err(|error| malformed(&error.to_string()))?;
    Ok(value)
}

/// Query parameters; those that many resources share are read by [`super::List`].
#[derive(Debug)]
#[allow(dead_code, reason = "for the resources that read what piles report")]
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        query(pairs(parts).into_iter()).map(Self)
    }
}

/// The decoded pairs of the query string. An empty value is the same as none: forms send those.
pub(crate) fn pairs(parts: &Parts) -> Vec<(String, String)> {
    let text = parts.uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// Reads `T` from pairs.
pub(crate) fn query<T: DeserializeOwned>(
    pairs: impl Iterator<Item = (String, String)>,
) -> Result<T, ApiError> {
    let text = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    known(reader, |_| true)
}

/// Deserializes; a wrong value names its field, and so does one that `T` does not know.
fn known<'de, T, D, E>(reader: D, is_value: impl Fn(&E) -> bool) -> Result<T, ApiError>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = E>,
    E: std::error::Error,
{
    let mut unknown = None;
    let mut note = |path: serde_ignored::Path<'_>| {
        // What may be left out has a `?` of its own in the path.
        unknown.get_or_insert_with(|| path.to_string().replace("?.", ""));
    };
    let reader = serde_ignored::Deserializer::new(reader, &mut note);
    let value = serde_path_to_error::deserialize::<_, T>(reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if is_value(&error) {
            wrong_value(&path, &error.to_string())
        } else {
            malformed(&error.to_string())
        }
    })?;
    match unknown {
        None => Ok(value),
        Some(field) => Err(ApiError::invalid(field, "未知字段", "unknown field")),
    }
}

fn malformed(reason: &str) -> ApiError {
    ApiError::Malformed(Text::of(
        format!("格式错误：{reason}"),
        format!("Malformed: {reason}"),
    ))
}

/// serde names a missing field in its message only, and every other in the path only.
fn wrong_value(path: &str, reason: &str) -> ApiError {
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let path = path.trim_matches('.');
    let quoted = |before: &str| reason.strip_prefix(before)?.split('`').nth(1);
    let within = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    if let Some(name) = quoted("missing field") {
        return ApiError::invalid(within(name), "必填", "is required");
    }
    if let Some(name) = quoted("duplicate field") {
        return ApiError::invalid(within(name), "重复", "is given twice");
    }
    let field = if path.is_empty() { "body" } else { path };
    ApiError::Invalid {
        field: field.to_owned().into(),
        rule: Text::of(format!("类型或取值不正确（{reason}）"), reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample {
        id: u64,
        name: Option<String>,
    }

    fn refused(text: &str) -> String {
        json::<Sample>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_in_a_body_is_named() {
        assert_eq!(json::<Sample>(br#"{"id":1}"#).unwrap().id, 1);
        assert_eq!(refused(r#"{"name":"a"}"#), "invalid id: is required");
        assert!(refused(r#"{"id":"x"}"#).starts_with("invalid id: invalid type: string"));
        assert!(refused(r#"{"id":-1}"#).starts_with("invalid id: invalid value"));
        assert_eq!(refused(r#"{"id":1,"nmae":"a"}"#), "invalid nmae: unknown field");
        assert_eq!(refused(r#"{"id":1,"id":2}"#), "invalid id: is given twice");
        assert!(refused("[").starts_with("malformed"));
        assert!(refused(r#"{"id":1} x"#).starts_with("malformed"));
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(refused(&deep).starts_with("invalid name"));
        let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(json::<serde_json::Value>(deep.as_bytes()).is_err());
    }

    #[test]
    fn what_is_wrong_in_a_query_is_named() {
        let read = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
            query::<Sample>(pairs.into_iter()).map_err(|error| error.to_string())
        };
        assert_eq!(
            read(&[("id", "7"), ("name", "a b&c")]).unwrap().name.unwrap(),
            "a b&c"
        );
        assert_eq!(read(&[]).unwrap_err(), "invalid id: is required");
        assert!(
            read(&[("id", "x")])
                .unwrap_err()
                .starts_with("invalid id: invalid digit")
        );
        assert_eq!(
            read(&[("id", "1"), ("x", "1")]).unwrap_err(),
            "invalid x: unknown field"
        );
    }
}
