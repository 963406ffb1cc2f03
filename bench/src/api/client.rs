//! Somebody who has signed in, over connections that are kept.

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};

/// A person at the web server; clones share the connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: String,
    token: String,
}

impl Client {
    /// Signs in.
    pub(crate) async fn sign_in(base: &str, account: &str, password: &str) -> anyhow::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let mut client = Self {
            http: Http::builder(TokioExecutor::new()).build(connector),
            base: base.to_owned(),
            token: String::new(),
        };
        let credentials = json!({ "account": account, "password": password }).to_string();
        let (status, body) = client
            .send(Method::POST, "/auth/login", credentials.into())
            .await?;
        let answer: Value = serde_json::from_slice(&body)?;
        let token = answer["data"]["access_token"].as_str();
        client.token = token
            .with_context(|| format!("{account} cannot sign in: {status} {answer}"))?
            .to_owned();
        Ok(client)
    }

    /// Status and length of an answer that has come whole.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<(u16, usize)> {
        let (status, body) = self.send(Method::GET, path, Bytes::new()).await?;
        Ok((status, body.len()))
    }

    /// What a success carries.
    pub(crate) async fn data(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self.send(Method::GET, path, Bytes::new()).await?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        anyhow::ensure!(status == 200, "{path}: {status} {answer}");
        Ok(match answer.get_mut("data") {
            Some(data) => data.take(),
            // The document is no envelope.
            None => answer,
        })
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> anyhow::Result<(u16, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let response = self.http.request(request.body(Full::new(body))?).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}
