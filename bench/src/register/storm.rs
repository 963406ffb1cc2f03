//! The generator: as little work as possible, for it shares the processor with what it measures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{TOKEN, fleet};

/// Who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mix {
    /// Everybody with the right password.
    Right,
    /// Of twenty, one with a wrong password and one whom nobody knows.
    Storm,
}

impl Mix {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Right => "right passwords",
            Self::Storm => "90 % right, 5 % wrong, 5 % unknown",
        }
    }

    /// Name, password and whether they are let in.
    fn client(self, pile: u64) -> (String, String, bool) {
        let (name, password) = (fleet::uuid(pile).to_string(), fleet::password(pile));
        match (self, pile % 20) {
            (Self::Storm, 7) => (name, "not-the-password-of-this".to_owned(), false),
            (Self::Storm, 13) => (fleet::uuid(pile + 100_000_000).to_string(), password, false),
            _ => (name, password, true),
        }
    }
}

/// What came of it.
pub(super) struct Measured {
    pub(super) took: Duration,
    /// Of every question, µs.
    pub(super) latencies: Vec<u32>,
}

/// Every pile connects once.
pub(super) async fn run(address: &str, piles: u64, connections: usize, mix: Mix) -> anyhow::Result<Measured> {
    let next = Arc::new(AtomicU64::new(0));
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..connections {
        let (address, next) = (address.to_owned(), next.clone());
        running.spawn(async move { connection(&address, piles, &next, mix).await });
    }
    let mut latencies = Vec::with_capacity(usize::try_from(piles)?);
    while let Some(done) = running.join_next().await {
        latencies.extend(done??);
    }
    let took = begun.elapsed();
    Ok(Measured { took, latencies })
}

async fn connection(address: &str, piles: u64, next: &AtomicU64, mix: Mix) -> anyhow::Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut latencies, mut answer) = (Vec::new(), vec![0; 4096]);
    loop {
        let pile = next.fetch_add(1, Ordering::Relaxed);
        if pile >= piles {
            return Ok(latencies);
        }
        let (name, password, expected) = mix.client(pile);
        let request = request(address, &name, &password);
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let length = read(&mut stream, &mut answer).await?;
        latencies.push(u32::try_from(asked.elapsed().as_micros())?);
        let text = std::str::from_utf8(&answer[..length])?;
        let right = match expected {
            true => text.contains(r#""result":"allow""#) && text.contains(&format!("/TCU/{name}/msg")),
            false => text.ends_with(r#"{"result":"deny"}"#),
        };
        anyhow::ensure!(right, "{name}: {text}");
    }
}

/// As EMQX writes it.
fn request(address: &str, name: &str, password: &str) -> String {
    let body = format!(
        r#"{{"username":"{name}","peerhost":"10.20.30.40","password":"{password}","cn":"","clientid":"tcu-{name}"}}"#
    );
    format!(
        "POST /emqx/authenticate HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         accept: application/json\r\nauthorization: Bearer {TOKEN}\r\nconnection: keep-alive\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// One whole answer; its length in the buffer.
async fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<usize> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        anyhow::ensure!(read > 0, "the connection was closed, or an answer is too long");
        filled += read;
        let text = &buffer[..filled];
        let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&text[..end])?;
        let length = head
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("no content-length")?.parse()?;
        if filled >= end + 4 + length {
            return Ok(filled);
        }
    }
}
