//! `Idempotency-Key`: the same POST again within a day gets the answer of the first, and does nothing.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::{
    Ground,
    answer::Success,
    caller::Caller,
    error::ApiError,
    input::{BODY_LIMIT, is_json, read},
    token::sha256,
};

/// The header.
pub(crate) const HEADER: &str = "idempotency-key";
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// While the first is being worked on; above the longest time that a change takes.
const UNDER_WAY_FOR: Duration = Duration::from_secs(120);
/// How long a second waits for the first.
const WAIT: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(30);
const LONGEST_KEY: usize = 128;
const LONGEST_ANSWER: usize = 256 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Hash of the request's body.
    body: String,
    /// None while it is under way.
    answer: Option<String>,
}

/// Layer over all routes, below the one that knows the caller.
///
/// # Errors
/// 409 for a key that was used with another body, or whose first request is still under way; 422, 503.
pub(crate) async fn answer_once(
    State(ground): State<Ground>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let caller = request.extensions().get::<Caller>();
    // An import's body is not held in memory; what it adds twice it finds by its keys.
    let (true, Some(key), Some(caller)) = (
        request.method() == Method::POST && is_json(request.headers()),
        request.headers().get(HEADER),
        caller,
    ) else {
        return Ok(next.run(request).await);
    };
    let place = format!("{} {} {}", caller.user.user_id, caller.operation, text(key)?);
    let place = ground.keys.web_answer(&sha256(place.as_bytes()));
    let (parts, body) = request.into_parts();
    let body = read(body, BODY_LIMIT).await?;
    let hash = sha256(&body);
    let request = Request::from_parts(parts, Body::from(body));
    // From the claim to the end also if the caller goes away: who asks again is who needs the answer.
    let answering = tokio::spawn(async move {
        if let Some(answer) = claim(&ground, &place, &hash).await? {
            return Ok(replay(answer));
        }
        let response = next.run(request).await;
        keep(&ground, &place, hash, response).await
    });
    answering.await.map_err(|error| {
        tracing::error!(%error, "a handler panicked");
        ApiError::Internal
    })?
}

/// What a repeated request has in common with its first, for services beyond the web server, which see neither the key
/// nor the kept answer.
#[derive(Debug, Clone)]
pub(crate) struct Repeats(Option<String>);

impl Repeats {
    /// 32 hexadecimal digits: of caller, route, `Idempotency-Key` and what is asked for; random without a key.
    pub(crate) fn mark(&self, asked: &str) -> String {
        match &self.0 {
            None => format!("{:032x}", rand::random::<u128>()),
            Some(place) => {
                let mut hash = sha256(format!("{place} {asked}").as_bytes());
                hash.truncate(32);
                hash
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Repeats {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let key = parts.headers.get(HEADER).map(text).transpose()?;
        let caller = parts.extensions.get::<Caller>();
        let place = key
            .zip(caller)
            .map(|(key, caller)| format!("{} {} {key}", caller.user.user_id, caller.operation));
        Ok(Self(place))
    }
}

fn text(key: &HeaderValue) -> Result<&str, ApiError> {
    let text = key
        .to_str()
        .ok()
        .filter(|text| (1..=LONGEST_KEY).contains(&text.len()))
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    text.ok_or_else(|| {
        ApiError::invalid(
            "Idempotency-Key",
            "须为1到128个可见ASCII字符，不含空格",
            "must be 1 to 128 visible ASCII characters without blanks",
        )
    })
}

/// None: the request is the first, and its answer will be kept. Otherwise the answer of the first.
async fn claim(ground: &Ground, place: &str, hash: &str) -> Result<Option<String>, ApiError> {
    let mine = serialize(&Kept {
        body: hash.to_owned(),
        answer: None,
    })?;
    let deadline = Instant::now() + WAIT;
    loop {
        let (set, kept): (Option<String>, Option<String>) = redis::pipe()
            .atomic()
            .cmd("SET")
            .arg(place)
            .arg(&mine)
            .arg("NX")
            .arg("PX")
            .arg(UNDER_WAY_FOR.as_millis() as u64)
            .cmd("GET")
            .arg(place)
            .query_async(&mut ground.redis.clone())
            .await?;
        if set.is_some() {
            return Ok(None);
        }
        let kept: Option<Kept> = kept.and_then(|kept| serde_json::from_str(&kept).ok());
        match kept {
            Some(kept) if kept.body != hash => {
                return Err(ApiError::conflict(
                    "该 Idempotency-Key 已用于其他内容",
                    "This Idempotency-Key was used with another body",
                ));
            }
            Some(Kept {
                answer: Some(answer), ..
            }) => return Ok(Some(answer)),
            _ if Instant::now() > deadline => {
                return Err(ApiError::conflict(
                    "相同请求正在处理",
                    "The same request is still under way",
                ));
            }
            _ => sleep(PAUSE).await,
        }
    }
}

/// Keeps what was done. What was refused may be tried again, and secrets are not kept.
async fn keep(ground: &Ground, place: &str, hash: String, response: Response) -> Result<Response, ApiError> {
    let keep = response.status() == StatusCode::OK && !response.headers().contains_key(CACHE_CONTROL);
    if !keep {
        forget(ground, place).await;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = read(body, LONGEST_ANSWER).await?;
    let answer = String::from_utf8_lossy(&body).into_owned();
    let kept = serialize(&Kept {
        body: hash,
        answer: Some(answer),
    })?;
    let stored: redis::RedisResult<()> = redis::cmd("SET")
        .arg(place)
        .arg(kept)
        .arg("PX")
        .arg(KEPT_FOR.as_millis() as u64)
        .exec_async(&mut ground.redis.clone())
        .await;
    if let Err(error) = stored {
        tracing::warn!(%error, "an answer could not be kept for its Idempotency-Key");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn forget(ground: &Ground, place: &str) {
    let gone: redis::RedisResult<()> = redis::cmd("DEL")
        .arg(place)
        .exec_async(&mut ground.redis.clone())
        .await;
    if let Err(error) = gone {
        tracing::debug!(%error, "the mark of an Idempotency-Key stays until it runs out");
    }
}

fn replay(answer: String) -> Response {
    let json = HeaderValue::from_static("application/json");
    let mut response = ([(CONTENT_TYPE, json)], answer).into_response();
    response.extensions_mut().insert(Success);
    response
}

fn serialize(kept: &Kept) -> Result<String, ApiError> {
    serde_json::to_string(kept).map_err(|_| ApiError::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_the_document_says() {
        let key = |key: &str| text(&HeaderValue::from_str(key).unwrap()).is_ok();
        assert!(key("2f6c-1!~") && key(&"k".repeat(LONGEST_KEY)));
        for wrong in ["", "a b", "a\tb", &"k".repeat(LONGEST_KEY + 1)] {
            assert!(!key(wrong), "{wrong:?}");
        }
        assert!(text(&HeaderValue::from_bytes(b"\xe6").unwrap()).is_err());
    }
}
