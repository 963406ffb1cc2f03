//! The bytes under a connection, plain or TLS, read without a buffer of its own.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

pub(super) const READ_BYTES: usize = 64 << 10;

thread_local! {
    /// Where bytes land before they are packets: one per thread, whatever the number of connections.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) async fn connect(broker: &str, tls: Option<&Arc<ClientConfig>>) -> io::Result<Self> {
        let stream = TcpStream::connect(broker).await?;
        stream.set_nodelay(true)?;
        let Some(config) = tls else {
            return Ok(Self::Plain(stream));
        };
        let host = broker.rsplit_once(':').map_or(broker, |(host, _)| host);
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))?;
        let connector = TlsConnector::from(Arc::clone(config));
        // A handshake is large, and every pile would carry the room for it.
        let connected = Box::pin(connector.connect(name, stream)).await?;
        Ok(Self::Tls(Box::new(connected)))
    }

    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Appends what is there; waits until something is. Cancel-safe.
    pub(super) async fn read(&mut self, into: &mut BytesMut) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll_read(context, into)).await
    }

    /// Appends what is there; false if nothing is. Whoever waits afterwards asks by [`Self::read`], which then
    /// registers the task to be woken.
    pub(super) fn read_now(&mut self, into: &mut BytesMut) -> io::Result<bool> {
        match self.poll_read(&mut Context::from_waker(Waker::noop()), into) {
            Poll::Ready(read) => read.map(|()| true),
            Poll::Pending => Ok(false),
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>, into: &mut BytesMut) -> Poll<io::Result<()>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut read = ReadBuf::new(scratch);
            ready!(match self {
                Self::Plain(stream) => Pin::new(stream).poll_read(context, &mut read),
                Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, &mut read),
            })?;
            if read.filled().is_empty() {
                return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
            }
            into.extend_from_slice(read.filled());
            Poll::Ready(Ok(()))
        })
    }
}
