//! Somebody who has signed in, over connections that are kept.

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, body::Incoming};
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
            .send(
                Method::POST,
                "/auth/login",
                "application/json",
                credentials.into(),
            )
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
        let (status, body) = self
            .send(Method::GET, path, "application/json", Bytes::new())
            .await?;
        Ok((status, body.len()))
    }

    /// What a success carries.
    pub(crate) async fn data(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self
            .send(Method::GET, path, "application/json", Bytes::new())
            .await?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        anyhow::ensure!(status == 200, "{path}: {status} {answer}");
        Ok(match answer.get_mut("data") {
            Some(data) => data.take(),
            // The document is no envelope.
            None => answer,
        })
    }

    /// What a success of a change carries.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let json = "application/json";
        self.change(path, json, body.to_string().into()).await
    }

    /// Sends a file in a form, with these fields before it.
    pub(crate) async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: &str,
        bytes: &[u8],
    ) -> anyhow::Result<Value> {
        const BOUNDARY: &str = "a-line-that-is-in-no-file";
        let head = |what: &str| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name={what}\r\n\r\n").into_bytes()
        };
        let mut form = Vec::new();
        for (name, value) in fields {
            form.extend(head(&format!("\"{name}\"")));
            form.extend(format!("{value}\r\n").bytes());
        }
        form.extend(head(&format!("\"file\"; filename=\"{file}\"")));
        form.extend(bytes);
        form.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let media = format!("multipart/form-data; boundary={BOUNDARY}");
        self.change(path, &media, form.into()).await
    }

    async fn change(&self, path: &str, media: &str, body: Bytes) -> anyhow::Result<Value> {
        let (status, answer) = self.send(Method::POST, path, media, body).await?;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        anyhow::ensure!(status == 200, "{path}: {status} {answer}");
        Ok(answer["data"].take())
    }

    /// Bytes and lines of an answer that is read as it comes, and thrown away.
    pub(crate) async fn download(&self, path: &str) -> anyhow::Result<(u64, u64)> {
        let json = "application/json";
        let response = self.ask(Method::GET, path, json, Bytes::new()).await?;
        anyhow::ensure!(response.status() == 200, "{path}: {}", response.status());
        let mut body = response.into_body();
        let (mut bytes, mut lines) = (0, 0);
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame?.into_data() else { continue };
            bytes += piece.len() as u64;
            lines += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        Ok((bytes, lines))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        media: &str,
        body: Bytes,
    ) -> anyhow::Result<(u16, Bytes)> {
        let response = self.ask(method, path, media, body).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        media: &str,
        body: Bytes,
    ) -> anyhow::Result<Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", media);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        Ok(self.http.request(request.body(Full::new(body))?).await?)
    }
}
