//! Takes connections in, as many as are allowed. Each one gets a `libunftp` of its own, which is what its way of
//! serving a connection that somebody else accepted asks for; it costs a few hundred bytes.

use std::io;
use std::net::{IpAddr, Shutdown};
use std::sync::Arc;

use libunftp::ServerBuilder;
use libunftp::options::{PassiveHost, SiteMd5};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::door::{Door, Porch, Session};
use super::ports::Ports;
use super::seats::Seats;
use super::storage::Storage;
use super::{Grants, PublicAddress, ServerOptions};

const FULL: &[u8] = b"421 Too many connections, try again later\r\n";
const TOO_MANY_FROM_HERE: &[u8] = b"421 Too many connections from your address, try again later\r\n";
/// Saying so may take this long.
const PATIENCE: Duration = Duration::from_secs(2);
/// Accepting fails when the system is out of files: that needs time to pass.
const PAUSE: Duration = Duration::from_millis(200);

struct House {
    options: ServerOptions,
    door: Arc<Door>,
    storage: Storage,
    ports: Ports,
    stop: CancellationToken,
}

pub(crate) async fn run(
    listener: TcpListener,
    options: ServerOptions,
    grants: Arc<dyn Grants>,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(options.most_connections));
    let addresses = Seats::default();
    let house = Arc::new(House {
        door: Arc::new(Door::new(grants.clone(), options.open, options.most_per_user)),
        storage: Storage::new(&options, grants, stop.clone()),
        ports: Ports::default(),
        stop: stop.clone(),
        options,
    });
    let mut connections = JoinSet::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        while connections.try_join_next().is_some() {}
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "FTP cannot take a connection in");
                sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            connections.spawn(refuse(stream, FULL));
            continue;
        };
        let Some(seat) = addresses.take(&from.ip().to_string(), house.most_per_address(from.ip())) else {
            connections.spawn(refuse(stream, TOO_MANY_FROM_HERE));
            continue;
        };
        let house = house.clone();
        connections.spawn(async move {
            if let Err(error) = house.serve(stream).await {
                debug!(%from, %error, "an FTP connection could not be served");
            }
            drop((place, seat));
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

impl House {
    /// A station's piles may share one address, and so may all piles behind an operator's translation: half of all
    /// places is as much as one address can be given without its shutting out the others.
    fn most_per_address(&self, from: IpAddr) -> usize {
        if from.is_loopback() {
            self.options.most_connections
        } else {
            self.options.most_connections.div_ceil(2)
        }
    }

    async fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let stream = stream.into_std()?;
        let handle = stream.try_clone()?;
        let stream = TcpStream::from_std(stream)?;
        let storage = self.storage.clone();
        let generator: Box<dyn Fn() -> Storage + Send + Sync> = Box::new(move || storage.clone());
        let porch = Arc::new(Porch {
            door: self.door.clone(),
            signed_in: CancellationToken::new(),
        });
        let builder: ServerBuilder<Storage, Session> =
            ServerBuilder::<Storage, Session>::with_user_detail_provider(generator, porch.clone());
        let server = builder
            .authenticator(porch.clone())
            .greeting("ready")
            .idle_session_timeout(self.options.idle.as_secs().max(1))
            .passive_ports(self.options.passive_ports.clone())
            .passive_host(passive_host(&self.options.public_address))
            .binder(self.ports.clone())
            .sitemd5(SiteMd5::None)
            .build()
            .map_err(io::Error::other)?;
        let service = server.service(stream);
        tokio::pin!(service);
        let served = tokio::select! {
            served = &mut service => Some(served),
            () = self.stop.cancelled() => None,
            () = self.nobody_signs_in(&porch.signed_in) => None,
        };
        let served = match served {
            Some(served) => served,
            None => {
                // Whoever reads from it sees its end. That it is gone already is as well.
                let _ = handle.shutdown(Shutdown::Both);
                service.await
            }
        };
        served.map_err(|error| io::Error::other(format!("{error:?}")))
    }

    /// The library keeps a line until its end comes, however long it is. Who has no account cannot make much of that.
    async fn nobody_signs_in(&self, signed_in: &CancellationToken) {
        if timeout(self.options.sign_in, signed_in.cancelled()).await.is_ok() {
            std::future::pending::<()>().await;
        }
        debug!("nobody has signed in in time");
    }
}

fn passive_host(address: &PublicAddress) -> PassiveHost {
    match address {
        PublicAddress::Same => PassiveHost::FromConnection,
        PublicAddress::Ip(ip) => PassiveHost::Ip(*ip),
        PublicAddress::Name(name) => PassiveHost::Dns(name.clone()),
    }
}

async fn refuse(mut stream: TcpStream, answer: &'static [u8]) {
    // Who does not listen need not be told.
    let _ = timeout(PATIENCE, stream.write_all(answer)).await;
}
