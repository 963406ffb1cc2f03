//! Ports on loopback: a given one must be free, an ungiven one is chosen.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use crate::EngineError;

/// The port to use. A chosen one is free now; it is the engine's once that listens on it.
pub(crate) fn pick(program: &'static str, wanted: Option<u16>) -> Result<u16, EngineError> {
    let port = wanted.unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => EngineError::PortBusy { program, port },
        _ => EngineError::io(program, format!("cannot listen on port {port}"))(source),
    })?;
    let address = listener
        .local_addr()
        .map_err(EngineError::io(program, "cannot read a port"))?;
    Ok(address.port())
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
}
