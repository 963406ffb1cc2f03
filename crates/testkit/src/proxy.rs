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

/// What it does, and how often it was told to cut. A connection ends when the number is no longer that of its
/// beginning, so that a cut which is healed at once is seen by all the same.
#[derive(Debug, Clone, Copy)]
struct Order {
    mode: Mode,
    cuts: u64,
}

/// The proxy; gone when dropped, with its connections.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    order: watch::Sender<Order>,
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
        let (order, watched) = watch::channel(Order {
            mode: Mode::Open,
            cuts: 0,
        });
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, upstream));
        Ok(Self {
            port,
            order,
            accepting: tokio::spawn(accept(listener, target, watched)),
        })
    }

    /// Where to connect instead of to the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes every connection, also if [`FaultProxy::heal`] follows at once, and until then every new one.
    pub fn cut(&self) {
        self.order.send_modify(|order| {
            order.mode = Mode::Cut;
            order.cuts += 1;
        });
    }

    /// Lets nothing pass while connections stay open, until [`FaultProxy::heal`].
    pub fn stall(&self) {
        self.order.send_modify(|order| order.mode = Mode::Stalled);
    }

    /// Lets everything pass again.
    pub fn heal(&self) {
        self.order.send_modify(|order| order.mode = Mode::Open);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, order: watch::Receiver<Order>) {
    while let Ok((client, _)) = listener.accept().await {
        let Order { mode, cuts } = *order.borrow();
        if mode != Mode::Cut {
            tokio::spawn(pass(client, target, order.clone(), cuts));
        }
    }
}

async fn pass(client: TcpStream, target: SocketAddr, order: watch::Receiver<Order>, cuts: u64) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let small_writes = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    if small_writes.is_err() {
        return;
    }
    let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
    let mut cut = order.clone();
    tokio::select! {
        biased;
        _ = cut.wait_for(|order| order.cuts != cuts) => {}
        ((), ()) = async {
            tokio::join!(copy(client_in, server_out, order.clone()), copy(server_in, client_out, order.clone()))
        } => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut order: watch::Receiver<Order>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        // Bytes read during a stall wait here and pass afterwards.
        let opened = order.wait_for(|order| order.mode == Mode::Open).await.is_ok();
        if !opened || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    // The other direction may still have something to say.
    let _ = to.shutdown().await;
}
