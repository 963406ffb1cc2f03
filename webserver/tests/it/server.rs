//! A web server in this process, over the engines of one test.

use std::sync::OnceLock;

use anyhow::Context as _;
use common::{
    shutdown::Shutdown,
    telemetry::{MetricsHandle, install_metrics},
};
use http_body_util::{BodyExt as _, Empty};
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

/// An answer: status, `Retry-After`, body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// The defaults, told where the engines are, on a free port.
pub(crate) fn config(stack: &Stack) -> anyhow::Result<Config> {
    let file = stack.folder().join("webserver.toml");
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[clickhouse]\nurl = \"{}\"\n[redis]\nurl = \"{}\"\n[mqtt]\nbroker = \"127.0.0.1:{}\"\n",
        stack.clickhouse_url(),
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

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.ask("GET", path, "zh-CN").await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, language: &str) -> anyhow::Result<Reply> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<&[u8]>>();
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("accept-language", language)
            .body(Empty::new())?;
        let response = client.request(request).await.context("asking the web server")?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .map(|v| v.to_str().map(str::to_owned));
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Reply {
            status,
            retry_after: retry_after.transpose()?,
            text: String::from_utf8(body.to_vec())?,
        })
    }
}
