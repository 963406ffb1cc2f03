//! One MQTT connection, as thin as a pile needs it.
//!
//! The packets are rumqttc's; its event loop is not used: it keeps about 40 KB of buffers per connection and
//! flushes every publish by itself, too much for 18,000 piles in one process and for the flood.
//! Here an idle connection holds no buffer at all, and a batch of publishes is one write.

mod codec;
mod stream;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

pub(crate) use codec::{Heard, Hello, Version};
use stream::{READ_BYTES, Stream};

/// How long connecting, and then the broker's answer, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Why there is no connection; texts are for people.
#[derive(Debug)]
pub(crate) enum NotOpen {
    /// Nobody is there, or no broker.
    Failed(String),
    /// The broker does not want this client.
    Refused(String),
}

impl std::fmt::Display for NotOpen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(error) => f.write_str(error),
            Self::Refused(reason) => write!(f, "the broker refused: {reason}"),
        }
    }
}

/// An open connection, past its CONNACK.
#[derive(Debug)]
pub(crate) struct Link {
    stream: Stream,
    version: Version,
    unread: BytesMut,
    unsent: BytesMut,
    receive_max: u16,
}

impl Link {
    /// Connects and says hello.
    pub(crate) async fn open(
        broker: &str,
        tls: Option<&Arc<ClientConfig>>,
        version: Version,
        hello: &Hello,
    ) -> Result<Self, NotOpen> {
        let failed = |error: io::Error| NotOpen::Failed(error.to_string());
        let connecting = timeout(CONNECT_TIMEOUT, Stream::connect(broker, tls)).await;
        let stream = connecting
            .map_err(|_| NotOpen::Failed("connecting timed out".to_owned()))?
            .map_err(failed)?;
        let mut link = Self {
            stream,
            version,
            unread: BytesMut::new(),
            unsent: BytesMut::new(),
            receive_max: u16::MAX,
        };
        version.connect(hello, &mut link.unsent);
        link.flush().await.map_err(failed)?;
        let accepted = timeout(CONNECT_TIMEOUT, link.accepted()).await;
        link.receive_max = accepted.map_err(|_| NotOpen::Failed("no CONNACK in time".to_owned()))??;
        Ok(link)
    }

    async fn accepted(&mut self) -> Result<u16, NotOpen> {
        loop {
            match self
                .hear()
                .await
                .map_err(|error| NotOpen::Failed(error.to_string()))?
            {
                Heard::Accepted { receive_max } => return Ok(receive_max),
                Heard::Refused(reason) => return Err(NotOpen::Refused(reason)),
                _ => {}
            }
        }
    }

    /// How many publishes may wait for their PUBACK.
    pub(crate) fn receive_max(&self) -> u16 {
        self.receive_max
    }

    /// Bytes written but not flushed yet.
    pub(crate) fn unsent_bytes(&self) -> usize {
        self.unsent.len()
    }

    /// Queues packets: `link.say(|version, out| version.ping(out))`. They leave with [`Self::flush`].
    pub(crate) fn say(&mut self, write: impl FnOnce(Version, &mut BytesMut)) {
        write(self.version, &mut self.unsent);
    }

    /// Writes all that is queued. A small connection gives its buffer back.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.unsent).await?;
        self.unsent.clear();
        if self.unsent.capacity() < READ_BYTES / 2 {
            self.unsent = BytesMut::new();
        }
        Ok(())
    }

    /// The next packet; cancel-safe.
    pub(crate) async fn hear(&mut self) -> io::Result<Heard> {
        loop {
            if let Some(heard) = self.parse()? {
                return Ok(heard);
            }
            self.stream.read(&mut self.unread).await?;
        }
    }

    /// The next packet if it is there already.
    pub(crate) fn take_heard(&mut self) -> io::Result<Option<Heard>> {
        loop {
            if let Some(heard) = self.parse()? {
                return Ok(Some(heard));
            }
            if !self.stream.read_now(&mut self.unread)? {
                return Ok(None);
            }
        }
    }

    fn parse(&mut self) -> io::Result<Option<Heard>> {
        if self.unread.is_empty() {
            self.unread = BytesMut::new();
            return Ok(None);
        }
        self.version
            .read(&mut self.unread)
            .map_err(|bad| io::Error::new(ErrorKind::InvalidData, bad.0))
    }
}
