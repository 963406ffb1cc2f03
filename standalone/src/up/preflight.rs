//! What can be wrong before anything is started.

use std::{env, io, net::TcpListener, path::PathBuf};

use crate::{
    error::UpError,
    plan::{Listener, Ports, Service, loopback},
};

/// Where ops_tcu's metrics are, when the port is free.
const METRICS: u16 = 9101;

/// The program of `service` beside our own: the same files as in production.
pub(super) fn beside(service: Service) -> Result<PathBuf, UpError> {
    let missing = || UpError::MissingProgram(service);
    let own = env::current_exe().map_err(|_| missing())?;
    let path = own.with_file_name(service.name());
    if path.is_file() { Ok(path) } else { Err(missing()) }
}

/// The ports that are ours to use.
#[derive(Debug)]
pub(super) struct Found {
    /// Every 0 replaced by a free one.
    pub(super) ports: Ports,
    /// Keeps the metrics port from another `up` until ops_tcu takes it. The others fail loudly when lost;
    /// this one is not asked for by anybody, so two would reach for it all the time.
    pub(super) metrics: TcpListener,
}

/// Checks the ports, all of them held until all are known, so that no free one is found twice.
///
/// # Errors
/// [`UpError::PortInUse`], [`UpError::PortForbidden`], [`UpError::PortClash`], [`UpError::NoPort`].
pub(super) fn ports(asked: Ports) -> Result<Found, UpError> {
    if let Some((one, other)) = asked.clash() {
        return Err(UpError::PortClash(one, other));
    }
    let port = |listener: &TcpListener| listener.local_addr().map(|at| at.port()).map_err(UpError::NoPort);
    let [mqtt, web, clickhouse, redis] = asked.chosen().map(hold);
    let (mqtt, web, clickhouse, redis) = (mqtt?, web?, clickhouse?, redis?);
    let metrics = TcpListener::bind(loopback(METRICS))
        .or_else(|_| engines::listen_anywhere())
        .map_err(UpError::NoPort)?;
    let ports = Ports {
        mqtt: port(&mqtt)?,
        web: port(&web)?,
        clickhouse: port(&clickhouse)?,
        redis: port(&redis)?,
        metrics: port(&metrics)?,
    };
    Ok(Found { ports, metrics })
}

fn hold(listener: Listener) -> Result<TcpListener, UpError> {
    if listener.port == 0 {
        return engines::listen_anywhere().map_err(UpError::NoPort);
    }
    TcpListener::bind(loopback(listener.port)).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => UpError::PortForbidden(listener),
        _ => UpError::PortInUse(listener),
    })
}

/// Whether `program` is on PATH.
pub(super) fn installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(mqtt: u16) -> Ports {
        Ports {
            mqtt,
            web: 0,
            clickhouse: 0,
            redis: 0,
            metrics: 0,
        }
    }

    #[test]
    fn zero_becomes_a_free_port_of_its_own() {
        let found = ports(asked(0)).unwrap().ports;
        let mut all = vec![
            found.mqtt,
            found.web,
            found.clickhouse,
            found.redis,
            found.metrics,
        ];
        all.sort_unstable();
        all.dedup();
        assert!(all.len() == 5 && all[0] > 0, "{found:?}");
    }

    #[test]
    fn a_busy_port_is_named_with_its_option() {
        let busy = TcpListener::bind(loopback(0)).unwrap();
        let port = busy.local_addr().unwrap().port();
        let error = ports(asked(port)).unwrap_err().to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("--mqtt-port"),
            "{error}"
        );
    }
}
