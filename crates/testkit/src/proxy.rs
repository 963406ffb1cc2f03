//! A TCP proxy that can cut connections, refuse them, or stall, so that a test breaks the network and not the
//! server.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the proxy does with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// They pass.
    Open,
    /// They wait, in both directions; connections stay.
    Stalled,
    /// Connections are closed, new ones at once.
    Cut,
}

/// The proxy; gone when dropped, with its connections.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    mode: watch::Sender<Mode>,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Listens on a free loopback port and passes on to `upstream` (a port on loopback).
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(upstream: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (mode, watched) = watch::channel(Mode::Open);
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, upstream));
        Ok(Self {
            port,
            mode,
            accepting: tokio::spawn(accept(listener, target, watched)),
        })
    }

    /// Where to connect instead of to the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes every connection and every new one, until [`FaultProxy::heal`].
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }

    /// Lets nothing pass while connections stay open, until [`FaultProxy::heal`].
    pub fn stall(&self) {
        self.mode.send_replace(Mode::Stalled);
    }

    /// Lets everything pass again.
    pub fn heal(&self) {
        self.mode.send_replace(Mode::Open);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, mode: watch::Receiver<Mode>) {
    while let Ok((client, _)) = listener.accept().await {
        if *mode.borrow() != Mode::Cut {
            tokio::spawn(pass(client, target, mode.clone()));
        }
    }
}

async fn pass(client: TcpStream, target: SocketAddr, mode: watch::Receiver<Mode>) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let small_writes = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    if small_writes.is_err() {
        return;
    }
    let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
    let mut cut = mode.clone();
    tokio::select! {
        ((), ()) = async {
            tokio::join!(copy(client_in, server_out, mode.clone()), copy(server_in, client_out, mode.clone()))
        } => {}
        _ = cut.wait_for(|mode| *mode == Mode::Cut) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        // Bytes read during a stall wait here and pass afterwards.
        let opened = mode.wait_for(|mode| *mode == Mode::Open).await.is_ok();
        if !opened || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    // The other direction may still have something to say.
    let _ = to.shutdown().await;
}
