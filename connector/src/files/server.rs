//! The room of the embedded server: it is there as long as this connector works.

use std::sync::Arc;
use std::time::Duration;

use common::backoff::Backoff;
use ftp::{PublicAddress, Server, ServerError, ServerOptions};
use tracing::{info, warn};

use super::{Files, FtpConfig};
use crate::ground::Ground;

/// For a pile to say who it is, over the slowest network there is.
const SIGN_IN: Duration = Duration::from_secs(30);

/// The room of one term.
pub(crate) fn start(ground: &Ground) -> impl Future<Output = ()> + Send + use<> {
    let (files, stop) = (ground.files.clone(), ground.stop.clone());
    async move {
        if !files.is_embedded() {
            stop.cancelled().await;
            return;
        }
        tokio::select! {
            server = listening(&files) => {
                stop.cancelled().await;
                server.stop().await;
            }
            () = stop.cancelled() => {}
        }
    }
}

impl Files {
    /// The embedded server itself; the room keeps one as long as this connector works.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn serve(&self) -> Result<Server, ServerError> {
        Server::start(options(&self.config.ftp, self), Arc::new(self.clone())).await
    }
}

/// The port may still be the former connector's for a moment.
async fn listening(files: &Files) -> Server {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    loop {
        match files.serve().await {
            Ok(server) => {
                info!(address = %server.address(), "the FTP server is there");
                return server;
            }
            Err(error) => warn!(%error, "the FTP server cannot start; trying again"),
        }
        backoff.wait().await;
    }
}

fn options(config: &FtpConfig, files: &Files) -> ServerOptions {
    ServerOptions {
        listen: config.listen,
        passive_ports: config.passive_ports.clone(),
        public_address: match config.passive_address.as_str() {
            "" => PublicAddress::Same,
            text => match text.parse() {
                Ok(ip) => PublicAddress::Ip(ip),
                Err(_) => PublicAddress::Name(text.to_owned()),
            },
        },
        uploads: files.uploads(),
        open: config.open,
        most_connections: config.most_connections as usize,
        // All that come as `anonymous` are one account.
        most_per_user: if config.open {
            config.most_connections
        } else {
            config.most_per_user
        } as usize,
        sign_in: SIGN_IN,
        idle: config.idle,
        stalled: config.stalled,
    }
}
