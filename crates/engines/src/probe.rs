//! Whether an engine really answers, in its own protocol.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One answer may take this long; then it is asked again.
const PATIENCE: Duration = Duration::from_secs(2);

/// MQTT 3.1.1 CONNECT, clean session, no client identifier.
const MQTT_CONNECT: &[u8] = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x05\x00\x00";
const MQTT_DISCONNECT: &[u8] = b"\xe0\x00";

/// How to ask.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Probe {
    /// A CONNACK, even a refusing one, is an answer.
    Mqtt,
    /// PONG, or a demand for a password; not while it loads.
    Redis,
    /// `GET /ping`.
    Http,
    /// A greeting.
    Ftp,
}

impl Probe {
    /// Asks once.
    pub(crate) async fn answers(self, port: u16) -> bool {
        let asked = match self {
            Self::Mqtt => timeout(PATIENCE, ask(port, MQTT_CONNECT, MQTT_DISCONNECT)).await,
            Self::Redis => timeout(PATIENCE, ask(port, b"PING\r\n", b"")).await,
            Self::Ftp => timeout(PATIENCE, ask(port, b"", b"QUIT\r\n")).await,
            Self::Http => timeout(PATIENCE, ask(port, b"GET /ping HTTP/1.0\r\n\r\n", b"")).await,
        };
        let Ok(Ok(answer)) = asked else { return false };
        match self {
            Self::Mqtt => answer.starts_with(&[0x20, 0x02]),
            Self::Redis => answer.starts_with(b"+PONG") || answer.starts_with(b"-NOAUTH"),
            Self::Ftp => answer.starts_with(b"220"),
            Self::Http => answer.starts_with(b"HTTP/1.") && answer.get(9..12) == Some(b"200"),
        }
    }
}

async fn ask(port: u16, question: &[u8], farewell: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(question).await?;
    let mut answer = vec![0; 64];
    let mut have = 0;
    // The shortest answer that decides is that of HTTP, up to its status.
    while have < 12 {
        let read = stream.read(&mut answer[have..]).await?;
        have += read;
        if read == 0 || !answer.starts_with(b"HTTP") {
            break;
        }
    }
    answer.truncate(have);
    stream.write_all(farewell).await?;
    Ok(answer)
}
