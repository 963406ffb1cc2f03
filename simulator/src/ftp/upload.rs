//! Sending a log. What broke is sent again from the beginning: it is made anew, byte for byte.

use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout};

use super::Courier;
use super::reason::Reason;
use super::server::Server;
use crate::pile::log_text::LogText;
use crate::pile::transfer::{Event, Transfer};

const ATTEMPTS: u32 = 3;
const PIECE: usize = 16 * 1024;

/// See the module.
pub(super) async fn store(courier: &Courier, transfer: &Transfer, log: &LogText) -> Result<Event, Reason> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        match attempt(courier, transfer, log).await {
            Ok(bytes) => return Ok(Event::Stored(bytes)),
            Err(reason) if left == 0 || !reason.may_pass() => return Err(reason),
            Err(_) => tokio::time::sleep(courier.pause).await,
        }
    }
}

async fn attempt(courier: &Courier, transfer: &Transfer, log: &LogText) -> Result<u64, Reason> {
    let mut server = Server::sign_in(courier, transfer).await?;
    let mut data = server.store(&transfer.path).await?;
    let (mut lines, mut piece) = (log.lines(), Vec::with_capacity(PIECE + 128));
    let (began, mut bytes) = (Instant::now(), 0);
    loop {
        piece.clear();
        lines.fill(&mut piece, PIECE);
        if piece.is_empty() {
            break;
        }
        match timeout(courier.patience, data.write_all(&piece)).await {
            Err(_) => return Err(Reason::Silent),
            // A server that will not take more says why.
            Ok(Err(_)) => return Err(server.finish(data).await.err().unwrap_or(Reason::Broken)),
            Ok(Ok(())) => bytes += piece.len() as u64,
        }
        courier.keep_pace(began, bytes).await;
    }
    server.finish(data).await?;
    server.leave().await;
    Ok(bytes)
}
