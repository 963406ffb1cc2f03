//! The ports of one machine, before anything is started.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// One listener: what people call it, the option that moves it, its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    /// For people.
    pub what: &'static str,
    /// The option of `pile-ops up`.
    pub option: &'static str,
    /// 0: any free one.
    pub port: u16,
}

/// The ports that were asked for, and later those that were taken.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// Piles and staff.
    pub mqtt: u16,
    /// The same, encrypted.
    #[serde(default)]
    pub mqtts: u16,
    /// The web API.
    pub web: u16,
    /// ClickHouse's HTTP interface.
    pub clickhouse: u16,
    /// Redis.
    pub redis: u16,
    /// register's interface.
    #[serde(default)]
    pub register: u16,
    /// FTP, for packages and logs.
    #[serde(default)]
    pub ftp: u16,
    /// ops_tcu's metrics and health.
    pub metrics: u16,
    /// register's metrics and health.
    #[serde(default)]
    pub register_metrics: u16,
    /// connector's metrics and health.
    #[serde(default)]
    pub connector_metrics: u16,
}

impl Ports {
    /// The listeners that people choose, in the order in which they are checked.
    pub fn chosen(&self) -> [Listener; 7] {
        let listener = |what, option, port| Listener { what, option, port };
        [
            listener("MQTT", "--mqtt-port", self.mqtt),
            listener("MQTT over TLS", "--mqtts-port", self.mqtts),
            listener("the web API", "--web-port", self.web),
            listener("ClickHouse", "--clickhouse-port", self.clickhouse),
            listener("Redis", "--redis-port", self.redis),
            listener("register", "--register-port", self.register),
            listener("FTP", "--ftp-port", self.ftp),
        ]
    }

    /// Two listeners that were given the same port.
    pub fn clash(&self) -> Option<(Listener, Listener)> {
        let all = self.chosen();
        all.iter().enumerate().find_map(|(i, &one)| {
            let other = all[i + 1..]
                .iter()
                .find(|other| one.port != 0 && other.port == one.port)?;
            Some((one, *other))
        })
    }
}

/// `port` on loopback: nothing of one machine is offered to others.
pub fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(mqtt: u16, web: u16, clickhouse: u16, redis: u16) -> Ports {
        Ports {
            mqtt,
            web,
            clickhouse,
            redis,
            ..Ports::default()
        }
    }

    #[test]
    fn one_port_for_two_listeners_is_found_but_any_free_port_is_no_clash() {
        let (one, other) = ports(1883, 8080, 8123, 8080).clash().unwrap();
        assert_eq!((one.option, other.option), ("--web-port", "--redis-port"));
        assert_eq!(ports(0, 0, 0, 0).clash(), None);
        assert_eq!(ports(1, 2, 3, 4).clash(), None);
    }
}
