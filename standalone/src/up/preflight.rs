//! What can be wrong before anything is started.

use std::{env, io, net::TcpListener, path::PathBuf};

use crate::{
    error::UpError,
    plan::{Listener, Ports, Service, loopback},
};

/// Where the metrics of ops_tcu, register and connector are, when the ports are free.
const METRICS: u16 = 9101;
const REGISTER_METRICS: u16 = 9102;
const CONNECTOR_METRICS: u16 = 9103;

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
    /// Keep the metrics ports from another `up` until the services take them. The others fail loudly
    /// when lost; these are not asked for by anybody, so two would reach for them all the time.
    pub(super) metrics: TcpListener,
    pub(super) register_metrics: TcpListener,
    pub(super) connector_metrics: TcpListener,
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
    let [mqtt, mqtts, web, clickhouse, redis, register, ftp] = asked.chosen().map(hold);
    let (mqtt, mqtts, web) = (mqtt?, mqtts?, web?);
    let (clickhouse, redis, register, ftp) = (clickhouse?, redis?, register?, ftp?);
    let metrics = usual_or_any(METRICS)?;
    let register_metrics = usual_or_any(REGISTER_METRICS)?;
    let connector_metrics = usual_or_any(CONNECTOR_METRICS)?;
    let ports = Ports {
        mqtt: port(&mqtt)?,
        mqtts: port(&mqtts)?,
        web: port(&web)?,
        clickhouse: port(&clickhouse)?,
        redis: port(&redis)?,
        register: port(&register)?,
        ftp: port(&ftp)?,
        metrics: port(&metrics)?,
        register_metrics: port(&register_metrics)?,
        connector_metrics: port(&connector_metrics)?,
    };
    Ok(Found {
        ports,
        metrics,
        register_metrics,
        connector_metrics,
    })
}

fn usual_or_any(port: u16) -> Result<TcpListener, UpError> {
    TcpListener::bind(loopback(port))
        .or_else(|_| engines::listen_anywhere())
        .map_err(UpError::NoPort)
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
            ..Ports::default()
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
            found.mqtts,
            found.register,
            found.ftp,
            found.metrics,
            found.register_metrics,
            found.connector_metrics,
        ];
        all.sort_unstable();
        all.dedup();
        assert!(all.len() == 10 && all[0] > 0, "{found:?}");
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
