//! The embedded server. `libunftp` speaks the protocol; here is who may come in (`door`), what he sees (`storage`),
//! how bytes pass (`transfer`) and how many connections there may be (`accept`).
//!
//! There is no TLS: piles do not speak it. What protects a transfer is that its account is of use for one file and
//! a short time only, and that a package carries its own signature.

mod accept;
mod door;
mod metadata;
mod ports;
mod seats;
mod storage;
mod transfer;
mod turns;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Grant, OpsPath};

/// Where the server learns who may do what. Asked for every command, so that what is taken back is gone at once.
#[async_trait]
pub trait Grants: fmt::Debug + Send + Sync + 'static {
    /// The grant of this account.
    ///
    /// # Errors
    /// When nobody can say; the pile is refused and may try again.
    async fn of_user(&self, user: &str) -> io::Result<Option<Grant>>;

    /// The grant for this path, by which one may come without a password while the server is open.
    ///
    /// # Errors
    /// When nobody can say; the pile is refused and may try again.
    async fn of_path(&self, path: &OpsPath) -> io::Result<Option<Grant>>;

    /// The local file of a package. All piles read the same one.
    ///
    /// # Errors
    /// When it cannot be had.
    async fn package(&self, package_id: u64) -> io::Result<PathBuf>;

    /// An upload has ended and the file has this many bytes. FTP does not tell the end of a file from the end of a
    /// connection, so there may be more to come.
    async fn stored(&self, _file: &OpsPath, _bytes: u64) {}
}

/// The address that a pile is told to open its data connections to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicAddress {
    /// The one it came to.
    Same,
    /// This one: the server is behind a translation of addresses.
    Ip(Ipv4Addr),
    /// The first IPv4 address of this name, looked up each time.
    Name(String),
}

/// How the server is to run.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Ports of data connections.
    pub passive_ports: RangeInclusive<u16>,
    /// Where piles find them.
    pub public_address: PublicAddress,
    /// Uploads go to `{uploads}/{uuid}/{file}`.
    pub uploads: PathBuf,
    /// Lets `anonymous` in without a password: for firmware that signs in like that whatever it is told. It sees
    /// the paths of grants and nothing else.
    pub open: bool,
    /// Most connections; who comes then is told to come again.
    pub most_connections: usize,
    /// Most connections of one account; of `anonymous`, all together.
    pub most_per_user: usize,
    /// A connection on which nobody has signed in for so long ends.
    pub sign_in: Duration,
    /// A connection that says nothing for so long ends.
    pub idle: Duration,
    /// A transfer that does not move for so long ends.
    pub stalled: Duration,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It cannot listen there.
    #[error("FTP cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder of uploads.
    #[error("FTP cannot use the folder {}: {source}", folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The server; ends, with its connections, when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts it; it listens when this returns.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn start(options: ServerOptions, grants: Arc<dyn Grants>) -> Result<Self, ServerError> {
        let folder = options.uploads.clone();
        tokio::fs::create_dir_all(&folder)
            .await
            .map_err(|source| ServerError::Folder { folder, source })?;
        let listening = async {
            let listener = TcpListener::bind(options.listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listening.await.map_err(|source| ServerError::Listen {
            address: options.listen,
            source,
        })?;
        let stop = CancellationToken::new();
        let accepting = tokio::spawn(accept::run(listener, options, grants, stop.clone()));
        Ok(Self {
            address,
            stop,
            accepting,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it and waits until no connection is left.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // It fails only if it panicked, and then nothing is left to end.
        let _ = (&mut self.accepting).await;
    }
}

/// Now, Unix ms.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
