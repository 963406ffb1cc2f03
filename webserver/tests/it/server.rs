//! A web server in this process, over the engines of one test.

use std::sync::OnceLock;

use anyhow::Context as _;
use axum::{body::Bytes, http::HeaderMap};
use common::{
    shutdown::Shutdown,
    telemetry::{MetricsHandle, install_metrics},
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use testkit::Stack;
use tokio::task::JoinHandle;
use webserver::{Config, WebError, bind};

/// The running server.
pub(crate) struct Server {
    base: String,
    pub(crate) shutdown: Shutdown,
    pub(crate) serving: JoinHandle<Result<(), WebError>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    /// The bytes as text.
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What a success carries; panics with the answer on a failure.
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["data"].take()
    }

    /// Status and message of a failure.
    pub(crate) fn failure(&self) -> (u16, String) {
        let json = self.json();
        assert_eq!(
            (&json["status"], &json["data"]),
            (&0.into(), &0.into()),
            "{}",
            self.text
        );
        (self.status, json["msg"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// The defaults, told where the engines are, on a free port.
pub(crate) fn config(stack: &Stack) -> anyhow::Result<Config> {
    let file = stack.folder().join("webserver.toml");
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[clickhouse]\nurl = \"{}\"\ndatabase = \"{}\"\n[redis]\nurl = \"{}\"\n[mqtt]\nbroker = \"127.0.0.1:{}\"\n",
        stack.clickhouse_url(),
        stack.database(),
        stack.redis_url(),
        stack.mqtt_port(),
    );
    std::fs::write(&file, text)?;
    Ok(common::config::load(
        webserver::DEFAULTS,
        Some(&file),
        "WEBSERVER_TEST",
    )?)
}

impl Server {
    pub(crate) async fn start(stack: &Stack) -> anyhow::Result<Self> {
        Self::start_as(config(stack)?).await
    }

    pub(crate) async fn start_as(config: Config) -> anyhow::Result<Self> {
        // One recorder per process, whatever the number of tests in it.
        static METRICS: OnceLock<MetricsHandle> = OnceLock::new();
        let metrics = METRICS
            .get_or_init(|| install_metrics().expect("nobody else installs one"))
            .clone();
        let bound = bind(config, metrics).await?;
        let (base, shutdown) = (format!("http://{}", bound.address()), Shutdown::new());
        let serving = tokio::spawn(bound.serve(shutdown.clone()));
        Ok(Self {
            base,
            shutdown,
            serving,
        })
    }

    /// Where it listens.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.ask("GET", path, "zh-CN").await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, language: &str) -> anyhow::Result<Reply> {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("accept-language", language)
            .body(Full::default())?;
        send(request).await
    }
}

/// Sends a request, and reads the whole answer.
pub(crate) async fn send(request: axum::http::Request<Full<Bytes>>) -> anyhow::Result<Reply> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let response = client.request(request).await.context("asking the web server")?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await?.to_bytes();
    Ok(Reply {
        status: parts.status.as_u16(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
        headers: parts.headers,
    })
}
