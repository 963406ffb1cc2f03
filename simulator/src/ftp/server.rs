//! A connection to a file server, every step of which ends in time.

use std::future::Future;
use std::time::Duration;

use suppaftp::tokio::{AsyncFtpStream, AsyncNoTlsStream, TransferStream};
use suppaftp::types::FileType;
use suppaftp::{FtpResult, Mode};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Courier;
use super::reason::Reason;
use crate::pile::transfer::Transfer;

pub(super) type Data = TransferStream<AsyncNoTlsStream>;

/// Signed in.
pub(super) struct Server {
    ftp: AsyncFtpStream,
    patience: Duration,
}

impl Server {
    pub(super) async fn sign_in(courier: &Courier, transfer: &Transfer) -> Result<Self, Reason> {
        let patience = courier.patience;
        let address = (transfer.server.as_str(), transfer.port);
        let connecting = timeout(patience, TcpStream::connect(address)).await;
        let stream = connecting
            .map_err(|_| Reason::Silent)?
            .map_err(|_| Reason::Unreachable)?;
        let greeted = AsyncFtpStream::connect_with_stream(stream);
        let mut ftp = in_time(patience, Reason::Broken, greeted).await?;
        // Behind a translated address the server knows only its own.
        ftp.set_passive_nat_workaround(true);
        ftp.set_mode(Mode::Passive);
        let password = transfer.password.reveal();
        in_time(
            patience,
            Reason::Broken,
            ftp.login(transfer.user.as_str(), password),
        )
        .await?;
        in_time(patience, Reason::Broken, ftp.transfer_type(FileType::Binary)).await?;
        Ok(Self { ftp, patience })
    }

    /// The file from `offset` on.
    pub(super) async fn retrieve(&mut self, path: &str, offset: u64) -> Result<Data, Reason> {
        if offset > 0 {
            let offset = usize::try_from(offset).map_err(|_| Reason::WrongLength)?;
            in_time(self.patience, Reason::Broken, self.ftp.resume_transfer(offset)).await?;
        }
        in_time(self.patience, Reason::Broken, self.ftp.retr_as_stream(path)).await
    }

    pub(super) async fn store(&mut self, path: &str) -> Result<Data, Reason> {
        in_time(self.patience, Reason::Broken, self.ftp.put_with_stream(path)).await
    }

    /// What the server says of a transfer that has ended.
    pub(super) async fn finish(&mut self, data: Data) -> Result<(), Reason> {
        in_time(self.patience, Reason::Broken, data.finish()).await
    }

    /// Goodbye; whether it is heard does not matter.
    pub(super) async fn leave(mut self) {
        drop(timeout(self.patience, self.ftp.quit()).await);
    }
}

async fn in_time<T>(
    patience: Duration,
    at: Reason,
    step: impl Future<Output = FtpResult<T>>,
) -> Result<T, Reason> {
    match timeout(patience, step).await {
        Ok(outcome) => outcome.map_err(|error| Reason::of(&error, at)),
        Err(_) => Err(Reason::Silent),
    }
}
