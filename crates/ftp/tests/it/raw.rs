//! A control connection by hand, for what no decent client sends.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::world::Order;

const SOON: Duration = Duration::from_secs(60);

pub(crate) struct Raw {
    from: BufReader<OwnedReadHalf>,
    to: OwnedWriteHalf,
}

impl Raw {
    pub(crate) async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (from, to) = stream.into_split();
        Self {
            from: BufReader::new(from),
            to,
        }
    }

    /// Connected, greeted and signed in.
    pub(crate) async fn sign_in(order: &Order) -> Self {
        let mut raw = Self::connect(order.target.port).await;
        assert!(raw.answer().await.unwrap().starts_with("220"));
        let account = &order.target.account;
        raw.says(&format!("USER {}", account.user)).await;
        let answer = raw.says(&format!("PASS {}", account.password.reveal())).await;
        assert!(answer.starts_with("230"), "{answer}");
        raw
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).await.unwrap();
    }

    /// One line of the server; none at the end of the connection.
    pub(crate) async fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(SOON, self.from.read_line(&mut line)).await.unwrap();
        matches!(read, Ok(1..)).then(|| line.trim_end().to_owned())
    }

    /// A command and the first line of its answer.
    pub(crate) async fn says(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes()).await;
        self.answer().await.unwrap()
    }

    /// A command that sends something over a data connection: its last answer, and what came.
    pub(crate) async fn fetches(&mut self, command: &str) -> (String, String) {
        let answer = self.says("EPSV").await;
        let port: u16 = answer.split('|').nth(3).unwrap().parse().unwrap();
        let mut data = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let first = self.says(command).await;
        if !first.starts_with("150") {
            return (first, String::new());
        }
        let mut text = Vec::new();
        timeout(SOON, data.read_to_end(&mut text)).await.unwrap().unwrap();
        (
            self.answer().await.unwrap(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    }

    /// Sends `bytes` over a data connection; the last answer.
    pub(crate) async fn brings(&mut self, command: &str, bytes: &[u8]) -> String {
        let answer = self.says("EPSV").await;
        let port: u16 = answer.split('|').nth(3).unwrap().parse().unwrap();
        let mut data = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let first = self.says(command).await;
        if !first.starts_with("150") {
            return first;
        }
        // The server may have had enough before the end.
        let _ = data.write_all(bytes).await;
        drop(data);
        self.answer().await.unwrap()
    }
}
