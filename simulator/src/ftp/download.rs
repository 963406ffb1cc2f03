//! Fetching a file: digested as it comes, taken up again where it broke.

use md5::Md5;
use md5::digest::Digest as _;
use ring::digest::{Context, SHA256};
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, timeout};

use super::reason::Reason;
use super::server::Server;
use super::{Courier, Teller};
use crate::pile::transfer::{Event, Fetched, Transfer};

/// Attempts in a row that bring not one byte.
const VAIN_ATTEMPTS: u32 = 3;
/// Attempts in all, so that a server which gives a byte at a time comes to an end.
const ATTEMPTS: u32 = 20;
const PIECE: usize = 16 * 1024;
/// 下载进度 is said this often.
const STEPS: u64 = 4;

struct Digests {
    md5: Md5,
    sha256: Context,
    bytes: u64,
}

impl Digests {
    fn new() -> Self {
        Self {
            md5: Md5::new(),
            sha256: Context::new(&SHA256),
            bytes: 0,
        }
    }

    fn take(&mut self, piece: &[u8]) {
        self.md5.update(piece);
        self.sha256.update(piece);
        self.bytes += piece.len() as u64;
    }

    fn fetched(self, resumed: u32) -> Fetched {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.sha256.finish().as_ref());
        Fetched {
            bytes: self.bytes,
            md5: self.md5.finalize().into(),
            sha256,
            resumed,
        }
    }
}

/// See the module; `announced` is 0 if it is not known how long the file is.
pub(super) async fn fetch(
    courier: &Courier,
    transfer: &Transfer,
    announced: u64,
    tell: &Teller,
) -> Result<Event, Reason> {
    let (mut digests, mut resumed, mut vain) = (Digests::new(), 0, 0);
    for _ in 0..ATTEMPTS {
        let before = digests.bytes;
        match attempt(courier, transfer, announced, &mut digests, tell).await {
            Ok(()) => return Ok(Event::Fetched(digests.fetched(resumed))),
            Err(reason) if !reason.may_pass() => return Err(reason),
            Err(reason) => {
                vain = if digests.bytes > before { 0 } else { vain + 1 };
                if vain == VAIN_ATTEMPTS {
                    return Err(reason);
                }
            }
        }
        resumed += u32::from(digests.bytes > before);
        tokio::time::sleep(courier.pause).await;
    }
    Err(Reason::Broken)
}

async fn attempt(
    courier: &Courier,
    transfer: &Transfer,
    announced: u64,
    digests: &mut Digests,
    tell: &Teller,
) -> Result<(), Reason> {
    let mut server = Server::sign_in(courier, transfer).await?;
    let mut data = match server.retrieve(&transfer.path, digests.bytes).await {
        // It cannot go on where it was: from the beginning, then.
        Err(Reason::Refused) if digests.bytes > 0 => {
            *digests = Digests::new();
            server.retrieve(&transfer.path, 0).await?
        }
        opened => opened?,
    };
    let (mut piece, began, offset) = (vec![0; PIECE], Instant::now(), digests.bytes);
    loop {
        let read = timeout(courier.patience, data.read(&mut piece)).await;
        match read.map_err(|_| Reason::Silent)? {
            Err(_) => return Err(Reason::Broken),
            Ok(0) => break,
            Ok(read) => {
                let before = digests.bytes;
                digests.take(&piece[..read]);
                if announced != 0 && digests.bytes > announced {
                    return Err(Reason::WrongLength);
                }
                if let Some(done) = step(before, digests.bytes, announced) {
                    tell.tell(Event::Progress(done)).await;
                }
                courier.keep_pace(began, digests.bytes - offset).await;
            }
        }
    }
    let said = server.finish(data).await;
    if announced != 0 && digests.bytes == announced {
        // All of it is here, whatever the server thinks of it.
        server.leave().await;
        return Ok(());
    }
    // Whatever a server says that gives up half-way (vsftpd: 500 OOPS), another attempt may do better.
    said.map_err(|reason| match reason {
        Reason::Refused => Reason::Broken,
        reason => reason,
    })?;
    server.leave().await;
    // The server gave all it has.
    if announced != 0 {
        return Err(Reason::WrongLength);
    }
    Ok(())
}

/// The bytes to report when these have come, if another quarter is full.
fn step(before: u64, now: u64, announced: u64) -> Option<u64> {
    let quarter = |bytes: u64| (bytes * STEPS).checked_div(announced).unwrap_or(0);
    (quarter(now) > quarter(before)).then_some(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quarter_is_told_once() {
        let told: Vec<u64> = (0..100)
            .filter_map(|tenth| step(tenth * 10, tenth * 10 + 10, 1000))
            .collect();
        assert_eq!(told, [250, 500, 750, 1000]);
        assert_eq!(step(0, 5, 0), None);
        assert_eq!(step(0, 10, 10), Some(10));
    }
}
