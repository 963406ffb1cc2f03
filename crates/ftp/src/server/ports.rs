//! Ports of data connections, one after the other, so that two connections are not given the same one at once.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use libunftp::options::Binder;
use tokio::net::TcpSocket;

/// Clones share the order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ports(Arc<AtomicU32>);

impl Ports {
    /// The next port of the range.
    fn next(&self, ports: &RangeInclusive<u16>) -> u16 {
        let count = u32::from(ports.end().saturating_sub(*ports.start())) + 1;
        let nth = self.0.fetch_add(1, Ordering::Relaxed) % count;
        // Within the range, so within u16.
        ports.start().saturating_add(nth as u16)
    }
}

#[async_trait]
impl Binder for Ports {
    async fn bind(&mut self, local: IpAddr, ports: RangeInclusive<u16>) -> io::Result<TcpSocket> {
        let mut reason = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in ports.clone() {
            let socket = match local {
                IpAddr::V4(_) => TcpSocket::new_v4()?,
                IpAddr::V6(_) => TcpSocket::new_v6()?,
            };
            // A port whose last connection is still fading may be used.
            socket.set_reuseaddr(true)?;
            match socket.bind(SocketAddr::new(local, self.next(&ports))) {
                Ok(()) => return Ok(socket),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_follow_one_another_and_begin_again() {
        let ports = Ports::default();
        let given: Vec<_> = (0..4).map(|_| ports.next(&(10..=12))).collect();
        assert_eq!(given, [10, 11, 12, 10]);
        assert_eq!(ports.next(&(7..=7)), 7);
    }
}
