//! The four routes over a real socket.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::shutdown::Shutdown;

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn the_routes_say_how_the_service_is() {
    let metrics = install_metrics().unwrap();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder();
    assert!(recorder.is_err(), "one recorder per process");
    let readiness = Readiness::new()
        .with("redis", async || Ok(()))
        .with("clickhouse", async || Err("connection refused".to_owned()))
        .with("wal", async || panic!("a check with a bug"));
    let build = Build {
        name: "svc",
        version: "1.2.3",
    };
    let config = TelemetryConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
    };
    let shutdown = Shutdown::new();
    let (address, task) = serve(&config, metrics, readiness, build, shutdown.clone())
        .await
        .unwrap();

    ::metrics::histogram!("confirm_seconds").record(0.03);
    let (status, text) = get(address, "/metrics").await;
    assert_eq!(status, 200);
    assert!(text.contains(r#"confirm_seconds_bucket{le="0.02"} 0"#), "{text}");
    assert!(text.contains(r#"confirm_seconds_bucket{le="0.035"} 1"#), "{text}");

    let (status, text) = get(address, "/health/ready").await;
    let expected = r#"{"checks":{"clickhouse":"connection refused","redis":"ok","wal":"the check itself failed"},"status":"not ready"}"#;
    assert_eq!((status, text.as_str()), (503, expected));
    assert_eq!(get(address, "/health/live").await.0, 200);
    assert_eq!(
        get(address, "/version").await.1,
        r#"{"name":"svc","version":"1.2.3"}"#
    );

    shutdown.trigger();
    task.await.unwrap().unwrap();
}

#[test]
fn a_wrong_filter_is_a_wrong_configuration() {
    let read = |filter: &str| serde_json::from_value::<LogConfig>(serde_json::json!({ "filter": filter }));
    assert!(read("info,ops_tcu=debug").is_ok());
    let error = read("ops_tcu=loud").unwrap_err().to_string();
    assert!(error.contains("ops_tcu=loud"), "{error}");
}
