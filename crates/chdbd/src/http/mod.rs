//! ClickHouse's HTTP interface: the accept loop, and the orderly stop.

mod answer;
mod call;
mod guard;
mod handler;
mod run_insert;
mod run_query;
mod upload;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::Config;
use crate::engine::Engine;

/// Statements that may wait for their turn; a further one is refused, as a full server does.
const WAITING: usize = 512;

/// What every request needs.
pub(crate) struct Server {
    engine: Arc<Engine>,
    queries: Arc<Semaphore>,
    inserts: Arc<Semaphore>,
    waiting: Semaphore,
    max_body: u64,
}

/// Serves until `shutdown`, then lets running statements finish and closes the engine.
pub(crate) async fn serve(
    listener: TcpListener,
    engine: Engine,
    config: &Config,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) {
    let engine = Arc::new(engine);
    let server = Arc::new(Server {
        engine: Arc::clone(&engine),
        queries: Arc::new(Semaphore::new(config.max_queries)),
        inserts: Arc::new(Semaphore::new(config.max_inserts)),
        waiting: Semaphore::new(WAITING),
        max_body: config.max_body,
    });
    tracing::info!(engine = engine.version(), path = %config.path.display(), "serving");
    ready(listener.local_addr().expect("a listening socket has an address"));
    let connections = GracefulShutdown::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => serve_connection(stream, &server, &connections),
                // Out of descriptors, or the peer is gone already: neither ends the service.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    stop(connections, &engine, config.stop_within).await;
}

fn serve_connection(stream: TcpStream, server: &Arc<Server>, connections: &GracefulShutdown) {
    // An answer is a few small writes: without this each waits for the peer's delayed acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let server = Arc::clone(server);
    let service = service_fn(move |request| handler::handle(Arc::clone(&server), request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
    });
}

async fn stop(connections: GracefulShutdown, engine: &Arc<Engine>, within: Duration) {
    tracing::info!("stopping");
    let finished = timeout(within, connections.shutdown()).await.is_ok();
    let engine = Arc::clone(engine);
    let closed = tokio::task::spawn_blocking(move || engine.stop())
        .await
        .unwrap_or(false);
    if finished && closed {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped with statements still running: they are lost, unless already committed");
    }
}
