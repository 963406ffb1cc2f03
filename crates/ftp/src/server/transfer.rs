//! Bytes from one side to the other, block by block, so that the end of a grant, of patience or of the server ends
//! a transfer too, and 200 of them need little memory.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use unftp_core::storage::{Error, ErrorKind};

use super::turns::Turn;
use crate::Grant;

/// A block: large enough that reading a file costs little, small enough for 200 at once.
const BLOCK_BYTES: usize = 64 << 10;

/// What ends a transfer before its end.
pub(crate) struct Limits<'a> {
    pub(crate) grant: &'a Grant,
    pub(crate) stalled: Duration,
    pub(crate) stop: &'a CancellationToken,
}

impl Limits<'_> {
    /// One step of a transfer.
    async fn step<T>(&self, step: impl Future<Output = io::Result<T>>) -> Result<T, Error> {
        let left = self.grant.expires.saturating_sub(crate::server::now());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        let within = timeout(self.stalled.min(left), step);
        match self.stop.run_until_cancelled(within).await {
            Some(Ok(done)) => done.map_err(Error::from),
            Some(Err(_)) if left <= self.stalled => {
                Err(Error::new(ErrorKind::PermissionDenied, "the grant is over"))
            }
            Some(Err(_)) => Err(Error::new(
                ErrorKind::ConnectionClosed,
                "nothing moved for too long",
            )),
            None => Err(Error::new(ErrorKind::ConnectionClosed, "the server ends")),
        }
    }

    /// To a pile. Gives the number of bytes.
    pub(crate) async fn send<R, W>(&self, mut from: R, to: &mut W) -> Result<u64, Error>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin + ?Sized,
    {
        let mut block = vec![0; BLOCK_BYTES];
        let mut sent = 0;
        loop {
            let read = self.step(from.read(&mut block)).await?;
            if read == 0 {
                break;
            }
            let mut rest = &block[..read];
            while !rest.is_empty() {
                // Not `write_all`: every part that passes is a sign of life.
                let written = self.step(to.write(rest)).await?;
                if written == 0 {
                    return Err(ErrorKind::ConnectionClosed.into());
                }
                rest = &rest[written..];
            }
            sent += read as u64;
        }
        self.step(to.flush()).await?;
        Ok(sent)
    }

    /// From a pile, into a file that has `have` bytes already and may have as many as the grant says.
    pub(crate) async fn receive<R, W>(
        &self,
        from: &mut R,
        to: &mut W,
        turn: &Turn,
        have: u64,
    ) -> Result<u64, Error>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut block = vec![0; BLOCK_BYTES];
        let mut received = 0;
        loop {
            let read = self.step(from.read(&mut block)).await?;
            let Some(_held) = turn.hold().await else {
                return Err(Error::new(
                    ErrorKind::ConnectionClosed,
                    "another connection writes this file",
                ));
            };
            if read == 0 {
                return Ok(received);
            }
            received += read as u64;
            if have + received > self.grant.quota_bytes {
                return Err(Error::new(
                    ErrorKind::ExceededStorageAllocationError,
                    "larger than granted",
                ));
            }
            self.step(to.write_all(&block[..read])).await?;
            // Not in the background: the next writer may come as soon as the file is let go.
            self.step(to.flush()).await?;
        }
    }
}
