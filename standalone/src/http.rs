//! Short requests to our own services on loopback.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

/// A service on loopback that takes longer than this for a health question is not well.
const DEADLINE: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The request itself is wrong.
    #[error("the request cannot be built")]
    Request(#[source] hyper::http::Error),
    /// Nobody listens there, or the connection broke.
    #[error("no connection")]
    Connect(#[source] hyper_util::client::legacy::Error),
    /// The answer broke off.
    #[error("the answer broke off")]
    Body(#[source] hyper::Error),
    /// It took too long.
    #[error("no answer within {DEADLINE:?}")]
    Late,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, bad bytes replaced.
    pub text: String,
}

impl Reply {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Asks for `url`.
///
/// # Errors
/// [`HttpError`].
pub async fn get(url: &str) -> Result<Reply, HttpError> {
    let late = |_| HttpError::Late;
    tokio::time::timeout(DEADLINE, send("GET", url, String::new()))
        .await
        .map_err(late)?
}

/// Posts `body` to `url`; takes as long as it takes.
///
/// # Errors
/// [`HttpError`].
pub async fn post(url: &str, body: String) -> Result<Reply, HttpError> {
    send("POST", url, body).await
}

async fn send(method: &str, url: &str, body: String) -> Result<Reply, HttpError> {
    let client: Client<HttpConnector, Full<hyper::body::Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let request = hyper::Request::builder()
        .method(method)
        .uri(url)
        .body(Full::from(body))
        .map_err(HttpError::Request)?;
    let response = client.request(request).await.map_err(HttpError::Connect)?;
    let status = response.status().as_u16();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(HttpError::Body)?
        .to_bytes();
    Ok(Reply {
        status,
        text: String::from_utf8_lossy(&body).into_owned(),
    })
}
