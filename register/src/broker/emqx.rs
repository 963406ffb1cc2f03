//! EMQX's management interface, as far as connections are closed through it: `GET /api/v5/clients?username=…`
//! names them, `DELETE /api/v5/clients/{clientid}` closes one.

use std::sync::Arc;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use super::BrokerError;
use crate::config::BrokerConfig;

/// One request; EMQX asks all its nodes.
const WITHIN: Duration = Duration::from_secs(10);
/// Connections that are looked at in one go; one account has one connection, unless it is misused.
const PAGE: u32 = 100;
/// Rounds of looking and closing: an account that connects faster than this is kept out by the hook.
const ROUNDS: u32 = 20;
const LARGEST_ANSWER: usize = 8 << 20;

/// The management interface of a cluster.
#[derive(Debug, Clone)]
pub struct Emqx(Option<Arc<Management>>);

#[derive(Debug)]
struct Management {
    /// Without the slash at the end.
    url: String,
    authorization: String,
    http: Client<HttpConnector, Empty<Bytes>>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Connection>,
}

#[derive(Deserialize)]
struct Connection {
    clientid: String,
}

impl Emqx {
    /// With the configured address and API key; without a key nothing is closed.
    ///
    /// # Errors
    /// [`BrokerError::Url`].
    pub fn new(config: &BrokerConfig) -> Result<Self, BrokerError> {
        if config.emqx_key.is_empty() {
            return Ok(Self(None));
        }
        let url = config.emqx_url.trim_end_matches('/').to_owned();
        let usable = url
            .parse::<Uri>()
            .is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
        if !usable {
            return Err(BrokerError::Url(url));
        }
        let key = format!("{}:{}", config.emqx_key, config.emqx_secret.expose());
        Ok(Self(Some(Arc::new(Management {
            url,
            authorization: format!("Basic {}", STANDARD.encode(key)),
            http: Client::builder(TokioExecutor::new()).build_http(),
        }))))
    }

    /// Closes every connection of the account.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn close(&self, username: &str) -> Result<(), BrokerError> {
        let Some(management) = &self.0 else {
            return Ok(());
        };
        for _ in 0..ROUNDS {
            let connections = management.connections(username).await?;
            if connections.is_empty() {
                return Ok(());
            }
            for connection in connections {
                management.close(&connection.clientid).await?;
            }
        }
        Ok(())
    }

    /// Closes the connection of this client; for those that come without an account while the door is open.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn close_client(&self, client_id: &str) -> Result<(), BrokerError> {
        match &self.0 {
            Some(management) => management.close(client_id).await,
            None => Ok(()),
        }
    }
}

impl Management {
    async fn connections(&self, username: &str) -> Result<Vec<Connection>, BrokerError> {
        let path = format!("/api/v5/clients?username={}&limit={PAGE}", encoded(username));
        let (status, body) = self.ask(Method::GET, &path).await?;
        let page: Option<Page> = serde_json::from_slice(&body).ok();
        match page {
            Some(page) if status == StatusCode::OK => Ok(page.data),
            _ => Err(refused("the list of connections", status, &body)),
        }
    }

    async fn close(&self, client_id: &str) -> Result<(), BrokerError> {
        let path = format!("/api/v5/clients/{}", encoded(client_id));
        let (status, body) = self.ask(Method::DELETE, &path).await?;
        // 404: it went by itself meanwhile.
        if status.is_success() || status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        Err(refused("the end of a connection", status, &body))
    }

    async fn ask(&self, method: Method, path: &str) -> Result<(StatusCode, Bytes), BrokerError> {
        let away = |reason: String| BrokerError::Away(self.url.clone(), reason);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", &self.authorization)
            .header("accept", "application/json")
            .body(Empty::new())
            .map_err(|error| away(error.to_string()))?;
        let asked = async {
            let response = self
                .http
                .request(request)
                .await
                .map_err(|error| error.to_string())?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
            Ok((status, body.map_err(|error| error.to_string())?.to_bytes()))
        };
        tokio::time::timeout(WITHIN, asked)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {WITHIN:?}")))
            .map_err(away)
    }
}

fn refused(what: &str, status: StatusCode, body: &[u8]) -> BrokerError {
    let text = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    BrokerError::Refused {
        what: what.to_owned(),
        reason: format!("HTTP {status}: {text}"),
    }
}

/// Everything but letters, digits and `-_.~` as %XX, so that it may stand in a path or a query.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
