//! The fields of a request: of a body in JSON, or of a query. Each is asked for by name; what nobody asked for is
//! refused, for a misspelt filter must not list everything.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use axum::response::IntoResponse as _;
use protocol::Uuid;
use serde_json::{Map, Value};

use super::error::ApiError;
use super::rules::Rule;
use crate::model::Serial;
use crate::operations::{Page, Target};

const LONGEST_TEXT: usize = 200;
const LONGEST_REASON: usize = 500;
const DEFAULT_PAGE_SIZE: u64 = 20;
const LARGEST_PAGE_SIZE: u64 = 500;
/// Beyond it the offset is no longer what somebody leafs through.
const LAST_PAGE: u64 = 1_000_000;
/// Ids and times stay exact in any client's numbers.
const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// Fields not asked for yet.
#[derive(Debug)]
pub(super) struct Fields {
    values: Map<String, Value>,
    /// Everything in a query is text.
    query: bool,
}

/// The fields of a body.
pub(super) struct Body(pub(super) Fields);

/// The fields of a query.
pub(super) struct Query(pub(super) Fields);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(values)) => Ok(Self(Fields { values, query: false })),
            _ => Err(ApiError::Malformed),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        let values = pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())));
        Ok(Self(Fields {
            values: values.collect(),
            query: true,
        }))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn unread(rejection: BytesRejection) -> ApiError {
    match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
        _ => ApiError::Malformed,
    }
}

fn invalid(field: &str, rule: Rule) -> ApiError {
    ApiError::Invalid(field.to_owned(), rule)
}

impl Fields {
    /// A text, trimmed; empty where it is absent.
    pub(super) fn text(&mut self, name: &str) -> Result<String, ApiError> {
        self.text_of(name, LONGEST_TEXT)
    }

    fn text_of(&mut self, name: &str, longest: usize) -> Result<String, ApiError> {
        let text = match self.values.remove(name) {
            None | Some(Value::Null) => return Ok(String::new()),
            Some(Value::String(text)) => text,
            Some(_) => return Err(invalid(name, Rule::Text)),
        };
        let text = text.trim();
        if text.chars().count() > longest {
            return Err(invalid(name, Rule::AtMost(longest)));
        }
        if text.chars().any(char::is_control) {
            return Err(invalid(name, Rule::Invisible));
        }
        Ok(text.to_owned())
    }

    /// A whole number, if it is there.
    pub(super) fn integer(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>, ApiError> {
        let number = match self.values.remove(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) if self.query && text.is_empty() => return Ok(None),
            Some(Value::String(text)) if self.query => text.trim().parse().ok(),
            Some(value) => value.as_u64(),
        };
        match number {
            Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(invalid(name, Rule::Integer(least, most))),
        }
    }

    /// The serial number `name`.
    pub(super) fn serial(&mut self, name: &str) -> Result<Serial, ApiError> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Err(invalid(name, Rule::Required));
        }
        Serial::parse(&text).map_err(|error| invalid(name, Rule::Serial(error.to_string())))
    }

    /// A uuid, if it is there.
    pub(super) fn uuid(&mut self, name: &str) -> Result<Option<Uuid>, ApiError> {
        match self.text(name)?.as_str() {
            "" => Ok(None),
            text => Uuid::parse(text).map(Some).map_err(|_| invalid(name, Rule::Uuid)),
        }
    }

    /// One of some names, if it is there.
    pub(super) fn one_of<T: Copy>(&mut self, name: &str, known: &[(&str, T)]) -> Result<Option<T>, ApiError> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Ok(None);
        }
        let found = known.iter().find(|(known, _)| *known == text);
        let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        match found {
            Some((_, value)) => Ok(Some(*value)),
            None => Err(invalid(name, Rule::OneOf(names()))),
        }
    }

    /// A device id, if it is there.
    pub(super) fn device_id(&mut self) -> Result<Option<u64>, ApiError> {
        self.integer("device_id", 1, LARGEST_INTEGER)
    }

    /// The version that the caller read, if it says so.
    pub(super) fn version(&mut self) -> Result<Option<i64>, ApiError> {
        let version = self.integer("timestamp", 0, LARGEST_INTEGER)?;
        Ok(version.and_then(|version| i64::try_from(version).ok()))
    }

    /// The registration to be changed, named by the field `sn`.
    pub(super) fn target(&mut self, sn: &str) -> Result<Target, ApiError> {
        Ok(Target {
            sn: self.serial(sn)?,
            version: self.version()?,
            reason: self.text_of("reason", LONGEST_REASON)?,
        })
    }

    /// Which page.
    pub(super) fn page(&mut self) -> Result<Page, ApiError> {
        Ok(Page {
            number: self.integer("page", 1, LAST_PAGE)?.unwrap_or(1),
            size: self
                .integer("page_size", 1, LARGEST_PAGE_SIZE)?
                .unwrap_or(DEFAULT_PAGE_SIZE),
        })
    }

    /// Refuses what nobody asked for.
    pub(super) fn nothing_else(self) -> Result<(), ApiError> {
        match self.values.keys().next() {
            Some(name) => Err(invalid(name, Rule::Unknown)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Fields {
        match value {
            Value::Object(values) => Fields { values, query: false },
            _ => panic!("an object"),
        }
    }

    fn broken<T: std::fmt::Debug>(outcome: Result<T, ApiError>) -> (String, Rule) {
        match outcome {
            Err(ApiError::Invalid(field, rule)) => (field, rule),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_target_is_read() {
        let mut fields = body(json!({"sn": " SN1 ", "timestamp": 7, "reason": "检修"}));
        let target = fields.target("sn").unwrap();
        assert_eq!(
            (target.sn.as_str(), target.version, target.reason.as_str()),
            ("SN1", Some(7), "检修")
        );
        fields.nothing_else().unwrap();
    }

    #[test]
    fn the_field_and_the_rule_are_named() {
        let long = "字".repeat(501);
        for (value, field, rule) in [
            (json!({}), "sn", Rule::Required),
            (json!({"sn": null}), "sn", Rule::Required),
            (json!({"sn": 5}), "sn", Rule::Text),
            (
                json!({"sn": "a/b"}),
                "sn",
                Rule::Serial("出厂编号不能包含 '/'".into()),
            ),
            (
                json!({"sn": "a", "timestamp": "7"}),
                "timestamp",
                Rule::Integer(0, LARGEST_INTEGER),
            ),
            (
                json!({"sn": "a", "timestamp": -1}),
                "timestamp",
                Rule::Integer(0, LARGEST_INTEGER),
            ),
            (json!({"sn": "a", "reason": long}), "reason", Rule::AtMost(500)),
            (json!({"sn": "a", "reason": "a\nb"}), "reason", Rule::Invisible),
        ] {
            let said = broken(body(value.clone()).target("sn"));
            assert_eq!(said, (field.to_owned(), rule), "{value}");
        }
        let misspelt = body(json!({"resaon": "x"}));
        assert_eq!(broken(misspelt.nothing_else()), ("resaon".into(), Rule::Unknown));
    }

    #[test]
    fn queries_hold_numbers_as_text() {
        let query = |value: Value| Fields {
            query: true,
            ..body(value)
        };
        let page = query(json!({"page": "3", "page_size": "500"})).page().unwrap();
        assert_eq!(page, Page { number: 3, size: 500 });
        let page = query(json!({"page": ""})).page().unwrap();
        assert_eq!(page, Page { number: 1, size: 20 });
        for bad in ["0", "501", "-1", "1.5", "x", "99999999999999999999"] {
            let said = broken(query(json!({"page_size": bad})).page());
            assert_eq!(said.0, "page_size", "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_answered(name in "[a-z_]{0,12}", text in any::<String>(), number in any::<i64>()) {
            let names = [name.as_str(), "sn", "timestamp", "reason", "uuid", "page"];
            for value in [json!(text), json!(number), json!([text]), json!(true)] {
                let mut values = Map::new();
                for name in names {
                    values.insert(name.to_owned(), value.clone());
                }
                let mut fields = Fields { values, query: number % 2 == 0 };
                let _ = (fields.target("sn"), fields.uuid("uuid"), fields.page(), fields.nothing_else());
            }
        }
    }
}
