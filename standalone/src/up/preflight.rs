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

/// The ports with every 0 replaced by a free one.
///
/// # Errors
/// [`UpError::PortInUse`], [`UpError::PortClash`].
pub(super) fn ports(asked: Ports) -> Result<Ports, UpError> {
    if let Some((one, other)) = asked.clash() {
        return Err(UpError::PortClash(one, other));
    }
    // All are held until all are known, so that no free port is found twice.
    let mut held = Vec::new();
    let mut taken = [0; 4];
    for (listener, port) in asked.chosen().into_iter().zip(&mut taken) {
        let bound = hold(listener)?;
        *port = bound.local_addr().map_err(UpError::NoPort)?.port();
        held.push(bound);
    }
    let [mqtt, web, clickhouse, redis] = taken;
    let metrics = TcpListener::bind(loopback(METRICS))
        .or_else(|_| TcpListener::bind(loopback(0)))
        .and_then(|listener| listener.local_addr())
        .map_err(UpError::NoPort)?
        .port();
    Ok(Ports {
        mqtt,
        web,
        clickhouse,
        redis,
        metrics,
    })
}

fn hold(listener: Listener) -> Result<TcpListener, UpError> {
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
        let found = ports(asked(0)).unwrap();
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
