//! Ports on loopback: a given one must be free, an ungiven one is chosen.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::EngineError;

/// Chosen ports lie below the range from which Linux gives ports to outgoing connections (32768 and up
/// unless configured otherwise): one of those could take the port before, or while, its server is
/// restarted.
const FIRST: u32 = 10_240;
const COUNT: u32 = 32_768 - FIRST;

/// The port to use. A chosen one is free now; it is the engine's once that listens on it.
pub(crate) fn pick(program: &'static str, wanted: Option<u16>) -> Result<u16, EngineError> {
    let bound = match wanted {
        Some(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port)),
        None => listen_anywhere(),
    };
    let listener = bound.map_err(|source| match (source.kind(), wanted) {
        (ErrorKind::AddrInUse, Some(port)) => EngineError::PortBusy { program, port },
        _ => EngineError::io(program, "cannot listen on loopback")(source),
    })?;
    let address = listener
        .local_addr()
        .map_err(EngineError::io(program, "cannot read a port"))?;
    Ok(address.port())
}

/// Listens on a loopback port that nobody uses. A port is not chosen twice within one process, so it may
/// be given up for a server that is started on it.
///
/// # Errors
/// When no port is free, or the system refuses to listen.
pub fn listen_anywhere() -> io::Result<TcpListener> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Processes that run side by side start far from each other.
    let start = std::process::id().wrapping_mul(7919);
    for _ in 0..COUNT {
        let next = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_add(next) % COUNT;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port as u16)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            bound => return bound,
        }
    }
    Err(io::Error::new(ErrorKind::AddrInUse, "no loopback port is free"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let error = pick("redis-server", Some(port)).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("port {port} for redis-server is in use")),
            "{error}"
        );
        drop(holder);
        assert_eq!(pick("redis-server", Some(port)).unwrap(), port);
    }

    #[test]
    fn a_chosen_port_is_not_chosen_again_though_it_was_given_up() {
        let ports: Vec<_> = (0..100).map(|_| pick("redis-server", None).unwrap()).collect();
        let distinct: std::collections::HashSet<_> = ports.iter().collect();
        assert_eq!(distinct.len(), ports.len());
        assert!(
            ports
                .iter()
                .all(|port| (FIRST..FIRST + COUNT).contains(&u32::from(*port)))
        );
    }
}
