//! The configuration files of the services: only what differs from their own defaults.

use std::path::Path;

use serde_json::{Value, json};

use super::{Ports, loopback};

/// Ports of FTP's data connections; one that is taken is passed over.
const FTP_DATA: &str = "30000-30999";

/// For ops_tcu, whose write-ahead log lies under `data`.
pub fn ops_tcu(ports: &Ports, data: &Path) -> String {
    print(&json!({
        "mqtt": { "brokers": [loopback(ports.mqtt)] },
        "clickhouse": { "url": clickhouse_url(ports) },
        "redis": { "url": redis_url(ports) },
        "wal": { "dir": data.join("ops_tcu/wal") },
        "telemetry": { "listen": loopback(ports.metrics) },
    }))
}

/// For register; `open` lets piles in that have no password yet.
pub fn register(ports: &Ports, open: bool) -> String {
    print(&json!({
        "mqtt": { "brokers": [loopback(ports.mqtt)] },
        "access": { "mode": if open { "open" } else { "closed" } },
        "http": { "listen": loopback(ports.register) },
        "clickhouse": { "url": clickhouse_url(ports) },
        "redis": { "url": redis_url(ports) },
        "telemetry": { "listen": loopback(ports.register_metrics) },
    }))
}

/// For the connector, whose files lie under `data`; `open` lets piles in that sign in as anonymous.
pub fn connector(ports: &Ports, data: &Path, open: bool) -> String {
    print(&json!({
        "mqtt": { "broker": loopback(ports.mqtt) },
        "ftp": {
            "embedded": true,
            "address": loopback(ports.ftp),
            "listen": loopback(ports.ftp),
            "passive_ports": FTP_DATA,
            "folder": data.join("connector/ftp"),
            "open": open,
        },
        "clickhouse": { "url": clickhouse_url(ports) },
        "redis": { "url": redis_url(ports) },
        "telemetry": { "listen": loopback(ports.connector_metrics) },
    }))
}

/// For the web server.
pub fn webserver(ports: &Ports, first_admin: &Path) -> String {
    print(&json!({
        "http": { "listen": loopback(ports.web) },
        "clickhouse": { "url": clickhouse_url(ports) },
        "redis": { "url": redis_url(ports) },
        "mqtt": { "broker": loopback(ports.mqtt) },
        "register": { "url": format!("http://{}", loopback(ports.register)) },
        "auth": { "first_admin_file": first_admin },
    }))
}

/// Where ClickHouse answers.
pub fn clickhouse_url(ports: &Ports) -> String {
    format!("http://{}", loopback(ports.clickhouse))
}

fn redis_url(ports: &Ports) -> String {
    format!("redis://{}", loopback(ports.redis))
}

fn print(settings: &Value) -> String {
    let body = toml::to_string(settings).expect("tables of texts and lists can be written as TOML");
    format!("# Written by `pile-ops up` at every start; what is changed here is lost.\n\n{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: Ports = Ports {
        mqtt: 1,
        web: 2,
        clickhouse: 3,
        redis: 4,
        metrics: 5,
        mqtts: 6,
        register: 7,
        register_metrics: 8,
        connector_metrics: 9,
        ftp: 10,
    };

    #[test]
    fn every_service_is_told_where_the_others_are() {
        let text = ops_tcu(&PORTS, Path::new("/data \"x\""));
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["mqtt"]["brokers"][0].as_str(), Some("127.0.0.1:1"));
        assert_eq!(read["wal"]["dir"].as_str(), Some("/data \"x\"/ops_tcu/wal"));
        let read: toml::Table = webserver(&PORTS, Path::new("/data/access/first_admin"))
            .parse()
            .unwrap();
        assert_eq!(read["http"]["listen"].as_str(), Some("127.0.0.1:2"));
        assert_eq!(read["clickhouse"]["url"].as_str(), Some("http://127.0.0.1:3"));
        assert_eq!(read["redis"]["url"].as_str(), Some("redis://127.0.0.1:4"));
        assert_eq!(read["register"]["url"].as_str(), Some("http://127.0.0.1:7"));
        let read: toml::Table = register(&PORTS, true).parse().unwrap();
        assert_eq!(read["http"]["listen"].as_str(), Some("127.0.0.1:7"));
        assert_eq!(read["telemetry"]["listen"].as_str(), Some("127.0.0.1:8"));
        assert_eq!(read["access"]["mode"].as_str(), Some("open"));
        let read: toml::Table = connector(&PORTS, Path::new("/data"), true).parse().unwrap();
        assert_eq!(read["ftp"]["listen"].as_str(), Some("127.0.0.1:10"));
        assert_eq!(read["ftp"]["folder"].as_str(), Some("/data/connector/ftp"));
        assert_eq!(read["ftp"]["open"].as_bool(), Some(true));
        assert_eq!(read["mqtt"]["broker"].as_str(), Some("127.0.0.1:1"));
        assert_eq!(read["telemetry"]["listen"].as_str(), Some("127.0.0.1:9"));
    }
}
