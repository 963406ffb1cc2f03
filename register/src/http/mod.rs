//! HTTP: hooks for a broker that asks whom to let in, and the interface for staff. This file is the listener and
//! what every room has in common.

pub mod api;
pub mod hooks;
mod token;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt as _;
use common::shutdown::Shutdown;
use tokio::net::TcpListener;

pub use token::Token;

/// No question of a broker and no form of staff is larger.
const LARGEST_BODY: usize = 64 * 1024;

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address} for hooks and interface")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// Serving failed later.
    #[error("the server of hooks and interface failed")]
    Serve(#[source] std::io::Error),
}

/// A server that listens but does not answer yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    app: Router,
}

/// All rooms, under what they have in common.
pub fn app(rooms: impl IntoIterator<Item = Router>) -> Router {
    rooms
        .into_iter()
        .fold(Router::new(), Router::merge)
        .fallback(api::not_found)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// Takes the address; port 0 is any free one.
///
/// # Errors
/// [`HttpError::Listen`].
pub async fn bind(address: SocketAddr, app: Router) -> Result<Bound, HttpError> {
    let failed = |source| HttpError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound {
        listener,
        address,
        app,
    })
}

impl Bound {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the stop, then lets open requests finish within `deadline`.
    ///
    /// # Errors
    /// [`HttpError::Serve`].
    pub async fn serve(self, shutdown: Shutdown, deadline: Duration) -> Result<(), HttpError> {
        tracing::info!(address = %self.address, "serving hooks and interface");
        let stop = shutdown.clone();
        // Small answers leave at once. What cannot be set does not make the connection useless.
        let listener = self.listener.tap_io(|tcp| drop(tcp.set_nodelay(true)));
        let app = self.app.into_make_service_with_connect_info::<SocketAddr>();
        let serving =
            axum::serve(listener, app).with_graceful_shutdown(async move { stop.cancelled().await });
        let late = async {
            shutdown.cancelled().await;
            tokio::time::sleep(deadline).await;
        };
        tokio::select! {
            result = serving => result.map_err(HttpError::Serve),
            () = late => {
                tracing::warn!("requests were still open at the deadline");
                Ok(())
            }
        }
    }
}
