//! One MQTT connection, as thin as a pile needs it.
//!
//! The packets are rumqttc's; its event loop is not used: it keeps about 40 KB of buffers per connection and
//! flushes every publish by itself, too much for 18,000 piles in one process and for the flood.
//! Here an idle connection holds no buffer at all, and a batch of publishes is one write.

mod codec;

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(crate) use codec::{Heard, Hello, Version};

/// How long connecting, and then the broker's answer, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const READ_BYTES: usize = 64 << 10;

thread_local! {
    /// Where bytes land before they are packets: one per thread, whatever the number of connections.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// An open connection, past its CONNACK.
#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    version: Version,
    unread: BytesMut,
    unsent: BytesMut,
    receive_max: u16,
}

impl Link {
    /// Connects and says hello; an error text is for people.
    pub(crate) async fn open(broker: &str, version: Version, hello: &Hello) -> Result<Self, String> {
        let connecting = timeout(CONNECT_TIMEOUT, TcpStream::connect(broker)).await;
        let stream = connecting
            .map_err(|_| "connecting timed out".to_owned())?
            .map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let mut link = Self {
            stream,
            version,
            unread: BytesMut::new(),
            unsent: BytesMut::new(),
            receive_max: u16::MAX,
        };
        version.connect(hello, &mut link.unsent);
        link.flush().await.map_err(|error| error.to_string())?;
        let accepted = timeout(CONNECT_TIMEOUT, link.accepted()).await;
        link.receive_max = accepted.map_err(|_| "no CONNACK in time".to_owned())??;
        Ok(link)
    }

    async fn accepted(&mut self) -> Result<u16, String> {
        loop {
            match self.hear().await.map_err(|error| error.to_string())? {
                Heard::Accepted { receive_max } => return Ok(receive_max),
                Heard::Refused(reason) => return Err(format!("the broker refused: {reason}")),
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
            if let Some(heard) = self.take_heard()? {
                return Ok(heard);
            }
            self.stream.readable().await?;
        }
    }

    /// The next packet if it is there already.
    pub(crate) fn take_heard(&mut self) -> io::Result<Option<Heard>> {
        loop {
            if let Some(heard) = self.parse()? {
                return Ok(Some(heard));
            }
            if !self.read_some()? {
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

    fn read_some(&mut self) -> io::Result<bool> {
        SCRATCH.with_borrow_mut(|scratch| match self.stream.try_read(scratch) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.unread.extend_from_slice(&scratch[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        })
    }
}
