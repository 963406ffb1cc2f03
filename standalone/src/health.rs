//! Asks each process how it is, over the interface that its clients use.

use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    http,
    plan::{Ports, Service, loopback, settings::clickhouse_url},
};

const DEADLINE: Duration = Duration::from_secs(3);

/// Whether `service` answers and can work.
///
/// # Errors
/// What is wrong, for people.
pub async fn ask(service: Service, ports: &Ports) -> Result<(), String> {
    let asked = async {
        match service {
            Service::Mosquitto => broker(ports.mqtt).await,
            Service::Redis => redis(ports.redis).await,
            Service::Chdbd => ready(&format!("{}/ping", clickhouse_url(ports))).await,
            Service::Webserver => ready(&readiness(ports.web)).await,
            Service::Register => ready(&readiness(ports.register_metrics)).await,
            Service::Connector => ready(&readiness(ports.connector_metrics)).await,
            Service::OpsTcu => ready(&readiness(ports.metrics)).await,
            // It offers nothing that could be asked.
            Service::Simulator => Ok(()),
        }
    };
    timeout(DEADLINE, asked)
        .await
        .unwrap_or_else(|_| Err("no answer".to_owned()))
}

/// Where a service of ours says whether it can work.
fn readiness(port: u16) -> String {
    format!("http://{}/health/ready", loopback(port))
}

async fn ready(url: &str) -> Result<(), String> {
    let reply = http::get(url).await.map_err(|error| error.to_string())?;
    if reply.is_success() {
        Ok(())
    } else {
        Err(complaint(&reply))
    }
}

/// What a service says when it is not ready: `msg` of the web API, the failed `checks` of the others.
fn complaint(reply: &http::Reply) -> String {
    let body: serde_json::Value = serde_json::from_str(&reply.text).unwrap_or_default();
    if let Some(msg) = body["msg"].as_str() {
        return msg.to_owned();
    }
    let failed: Vec<_> = body["checks"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, outcome)| outcome.as_str() != Some("ok"))
        .map(|(name, outcome)| format!("{name}: {}", outcome.as_str().unwrap_or_default()))
        .collect();
    if failed.is_empty() {
        format!("HTTP {}", reply.status)
    } else {
        failed.join("; ")
    }
}

async fn broker(port: u16) -> Result<(), String> {
    let (client, mut events) = AsyncClient::new(MqttOptions::new("", "127.0.0.1", port), 1);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => break,
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let _ = client.disconnect().await;
    let _ = events.poll().await;
    Ok(())
}

/// Redis' inline command form is enough to ask for a PONG.
async fn redis(port: u16) -> Result<(), String> {
    let asked = async {
        let mut stream = TcpStream::connect(loopback(port)).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    match asked.await {
        Ok(answer) if &answer == b"+PONG\r\n" => Ok(()),
        Ok(answer) => Err(String::from_utf8_lossy(&answer).into_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dependency_that_is_away_is_named() {
        let says = |text: &str| {
            complaint(&http::Reply {
                status: 503,
                text: text.to_owned(),
            })
        };
        assert_eq!(
            says(r#"{"status":0,"msg":"服务暂不可用：redis","data":0}"#),
            "服务暂不可用：redis"
        );
        assert_eq!(
            says(r#"{"status":"not ready","checks":{"mqtt":"ok","redis":"refused"}}"#),
            "redis: refused"
        );
        assert_eq!(says("<html>"), "HTTP 503");
    }
}
