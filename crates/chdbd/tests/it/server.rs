//! A chdbd of a test's own, and plain HTTP to it.

use std::collections::HashMap;

use bytes::Bytes;
use clickhouse::Client;
use engines::{Chdbd, ChdbdOptions, Running};
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;

pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
}

/// An answer to a plain request.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = ChdbdOptions::new(folder.path().join("data"));
        options.program = Some(env!("CARGO_BIN_EXE_chdbd").into());
        let running = Chdbd::start(options).await.unwrap();
        let client = testkit::clickhouse_client(running.port());
        Self {
            running,
            client,
            folder,
        }
    }

    /// Runs a statement that gives no rows.
    pub(crate) async fn run(&self, sql: &str) {
        self.client
            .query(sql)
            .execute()
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    pub(crate) async fn count(&self, from: &str) -> u64 {
        self.client
            .query(&format!("SELECT count() FROM {from}"))
            .fetch_one()
            .await
            .unwrap()
    }

    /// `target` is what follows the address, such as `/?query=SELECT+1`.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{target}", self.running.port()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let http = HttpClient::builder(TokioExecutor::new()).build_http();
        let answer = http
            .request(request.body(Full::new(body.into())).unwrap())
            .await
            .unwrap();
        let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap().to_owned();
        Reply {
            status: answer.status(),
            headers: answer
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: answer.into_body().collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn post(&self, target: &str, body: impl Into<Bytes>) -> Reply {
        self.send("POST", target, &[], body).await
    }
}
