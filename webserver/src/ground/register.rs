//! The way to `register`, which alone changes registrations and the broker's accounts: it is asked over its HTTP
//! interface, for the person who has signed in here, and what it answers is passed on in its own words. Its paths are
//! those of the web API.

use std::time::Duration;

use axum::http::{
    HeaderMap, Request, StatusCode,
    header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use bytes::Bytes;
use common::config::Secret;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    caller::Caller,
    error::ApiError,
    language::{Language, Text},
};
use crate::{WebError, config};

/// How long a connection to it may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// How long an answer may take: it waits for other operations, for ClickHouse and for the broker, some 10 s each.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// It reads no larger body.
const LARGEST_BODY: usize = 64 * 1024;
/// One registration, or one account.
const LARGEST_ANSWER: usize = 256 * 1024;
/// Seconds, where it says that something is away without saying for how long.
const USUAL_WAIT: u64 = 5;
/// What is read to see whether it answers and knows us.
const KNOCK: &str = "/registration/allow_list?page_size=1";

/// As the configuration's section is called.
const NAME: &str = "register";

/// A client of its interface. A connection per request: operations are rare, and one that was kept may have been closed
/// in the moment in which it is used.
#[derive(Debug)]
pub(crate) struct Register {
    /// Without the slash at the end.
    url: String,
    /// Empty: not configured.
    token: Secret,
    http: Client<HttpConnector, Full<Bytes>>,
}

/// Its envelope.
#[derive(Debug, Deserialize)]
struct Reply {
    msg: String,
    data: Value,
}

impl Register {
    /// # Errors
    /// [`WebError::Register`] for an address that is none.
    pub(crate) fn new(config: &config::Register) -> Result<Self, WebError> {
        let url = config.url.trim_end_matches('/').to_owned();
        let usable = url
            .parse::<axum::http::Uri>()
            .is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
        if !usable {
            return Err(WebError::Register(url));
        }
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        connector.set_nodelay(true);
        Ok(Self {
            url,
            token: config.token.clone(),
            http: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(connector),
        })
    }

    /// Whether there is one to ask.
    pub(crate) fn is_configured(&self) -> bool {
        !self.token.is_empty()
    }

    /// Has it carry out what the caller asks for, by the route that the caller has used.
    ///
    /// # Errors
    /// What it says; 503 when it is away. It may then have done it all the same: `operation_record` tells.
    pub(crate) async fn change<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        language: Language,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        if !self.is_configured() {
            return Err(away());
        }
        let body = serde_json::to_vec(body).map_err(|_| ApiError::Internal)?;
        if body.len() > LARGEST_BODY {
            return Err(ApiError::TooLarge);
        }
        let request = self
            .request("POST", &caller.operation)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT_LANGUAGE, language.choose("zh", "en"))
            .header("x-operator", encoded(&caller.user.account))
            .header("x-operator-id", caller.user.user_id)
            .header("x-operator-address", &caller.address)
            .body(Full::from(body))
            .map_err(|_| ApiError::Internal)?;
        let (status, headers, bytes) = self.send(request, ANSWER_WITHIN).await.map_err(|reason| {
            tracing::warn!(operation = %caller.operation, reason, "register does not answer");
            away()
        })?;
        read(status, &headers, &bytes)
    }

    /// Whether it answers, and accepts the token. What it needs itself is not asked for.
    ///
    /// # Errors
    /// What is wrong, for operators.
    pub(crate) async fn check(&self) -> Result<(), String> {
        let request = self.request("GET", KNOCK).body(Full::default());
        let request = request.map_err(|error| error.to_string())?;
        let (status, ..) = self.send(request, CONNECT_WITHIN).await?;
        match status {
            StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE => Ok(()),
            StatusCode::UNAUTHORIZED => Err("it does not accept the token".to_owned()),
            StatusCode::NOT_FOUND => Err("its interface is off: http.api_token is not set".to_owned()),
            other => Err(format!("HTTP {other}")),
        }
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(AUTHORIZATION, format!("Bearer {}", self.token.expose()))
    }

    async fn send(
        &self,
        request: Request<Full<Bytes>>,
        within: Duration,
    ) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let asked = async {
            let response = self.http.request(request).await;
            let (parts, body) = response.map_err(|error| error.to_string())?.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await;
            let body = body.map_err(|error| error.to_string())?.to_bytes();
            Ok((parts.status, parts.headers, body))
        };
        tokio::time::timeout(within, asked)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {within:?}")))
    }
}

fn away() -> ApiError {
    ApiError::Unavailable(vec![NAME])
}

/// What it answered, or its refusal in its own words.
fn read<T: DeserializeOwned>(status: StatusCode, headers: &HeaderMap, bytes: &[u8]) -> Result<T, ApiError> {
    let reply: Reply = serde_json::from_slice(bytes).map_err(|error| {
        tracing::error!(%status, %error, "register.url does not answer as register does");
        away()
    })?;
    match status {
        StatusCode::OK => serde_json::from_value(reply.data).map_err(|error| {
            tracing::error!(%error, "register answers what nobody expects");
            ApiError::Internal
        }),
        StatusCode::UNAUTHORIZED => {
            tracing::error!("register does not accept register.token");
            Err(away())
        }
        StatusCode::NOT_FOUND
        | StatusCode::CONFLICT
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::SERVICE_UNAVAILABLE => Err(ApiError::Said {
            code: status,
            text: Text::of(reply.msg.clone(), reply.msg),
            wait: (status == StatusCode::SERVICE_UNAVAILABLE).then(|| wait(headers)),
        }),
        other => {
            tracing::error!(status = %other, msg = reply.msg, "register did not do it");
            Err(ApiError::Internal)
        }
    }
}

/// Seconds after which to ask again.
fn wait(headers: &HeaderMap) -> u64 {
    let said = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    said.and_then(|value| value.parse().ok())
        .filter(|seconds| *seconds > 0)
        .unwrap_or(USUAL_WAIT)
}

/// Everything but letters, digits and `-_.~` as %XX: a header carries no other letters reliably.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let letter = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn answer(status: u16, body: &str) -> Result<Value, ApiError> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("7"))]);
        read(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn refusals_keep_their_words_and_faults_are_not_the_callers() {
        assert_eq!(answer(200, r#"{"status":1,"msg":"成功","data":3}"#).unwrap(), 3);
        let refused = |status: u16| answer(status, r#"{"status":0,"msg":"原因","data":0}"#).unwrap_err();
        for status in [404, 409, 422, 413] {
            let ApiError::Said { code, text, wait } = refused(status) else {
                panic!("{status}");
            };
            assert_eq!((code.as_u16(), &*text.zh, wait), (status, "原因", None));
        }
        assert!(matches!(refused(503), ApiError::Said { wait: Some(7), .. }));
        assert!(matches!(refused(401), ApiError::Unavailable(names) if names == [NAME]));
        assert!(matches!(refused(400), ApiError::Internal));
        assert!(matches!(
            answer(502, "<html>").unwrap_err(),
            ApiError::Unavailable(_)
        ));
    }

    #[test]
    fn names_fit_into_a_header() {
        assert_eq!(encoded("wang.li@x"), "wang.li%40x");
        assert_eq!(encoded("王"), "%E7%8E%8B");
    }
}
