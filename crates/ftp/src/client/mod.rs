//! A client for somebody else's FTP server. Every step has a deadline: a server that hangs, refuses or drops a
//! connection is an error that says so, never a task that waits for ever.

mod error;

use std::net::SocketAddr;
use std::time::Duration;

use protocol::Password;
use suppaftp::tokio::{AsyncFtpStream, AsyncNoTlsStream, TransferStream};
use suppaftp::types::FileType;
use suppaftp::{FtpError, FtpResult, Mode, Status};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

pub use error::ClientError;

use crate::Credentials;

/// A block of a transfer.
const BLOCK_BYTES: usize = 64 << 10;

/// How long the steps may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// A TCP connection, the data connections' too.
    pub connect: Duration,
    /// An answer to a command.
    pub control: Duration,
    /// A transfer in which nothing moves.
    pub stalled: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            control: Duration::from_secs(20),
            stalled: Duration::from_secs(30),
        }
    }
}

/// A server and an account there.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name or address.
    pub host: String,
    /// Port of the control connection.
    pub port: u16,
    /// The account.
    pub account: Credentials,
    /// How long the steps may take.
    pub timeouts: Timeouts,
}

impl Target {
    /// With the usual timeouts.
    pub fn new(host: impl Into<String>, port: u16, user: impl Into<String>, password: Password) -> Self {
        Self {
            host: host.into(),
            port,
            account: Credentials {
                user: user.into(),
                password,
            },
            timeouts: Timeouts::default(),
        }
    }
}

/// A connection that has signed in, in passive mode, for bytes as they are.
pub struct Client {
    stream: AsyncFtpStream,
    timeouts: Timeouts,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Connects and signs in.
    ///
    /// # Errors
    /// [`ClientError`], naming the step.
    pub async fn connect(target: &Target) -> Result<Self, ClientError> {
        let timeouts = target.timeouts;
        let addresses = lookup_host((target.host.as_str(), target.port));
        let addresses = within("connect", timeouts.connect, addresses).await?;
        let address = addresses
            .map_err(|source| ClientError::broken("connect", source))?
            .next();
        let address =
            address.ok_or_else(|| ClientError::broken("connect", std::io::ErrorKind::NotFound.into()))?;
        let stream = dial(address, timeouts.connect).await;
        let stream = stream.map_err(|source| ClientError::broken("connect", source))?;
        let greeted = AsyncFtpStream::connect_with_stream(stream);
        let stream = step("greeting", timeouts.control, greeted).await?;
        let connect = timeouts.connect;
        let stream = stream.passive_stream_builder(move |address| {
            Box::pin(async move { dial(address, connect).await.map_err(FtpError::ConnectionError) })
        });
        let mut client = Self { stream, timeouts };
        client.stream.set_mode(Mode::Passive);
        // A server behind a translation of addresses may tell its inner one.
        client.stream.set_passive_nat_workaround(true);
        let Credentials { user, password } = &target.account;
        step(
            "login",
            timeouts.control,
            client.stream.login(user.as_str(), password.reveal()),
        )
        .await?;
        step(
            "TYPE I",
            timeouts.control,
            client.stream.transfer_type(FileType::Binary),
        )
        .await?;
        Ok(client)
    }

    /// The size of a file; none if it is not there.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn size(&mut self, path: &str) -> Result<Option<u64>, ClientError> {
        match step("SIZE", self.timeouts.control, self.stream.size(path)).await {
            Ok(size) => Ok(Some(size as u64)),
            Err(ClientError::Refused { code: 550, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a file from `start` on into `to`; gives the bytes that came. More than `most` is an error.
    ///
    /// # Errors
    /// [`ClientError`]; what came before is in `to`.
    pub async fn download<W>(
        &mut self,
        path: &str,
        start: u64,
        most: u64,
        to: &mut W,
    ) -> Result<u64, ClientError>
    where
        W: AsyncWrite + Unpin,
    {
        self.restart(start).await?;
        let begun = self.stream.retr_as_stream(path);
        let mut data = step("RETR", self.timeouts.control + self.timeouts.connect, begun).await?;
        let mut block = vec![0; BLOCK_BYTES];
        let mut came = 0;
        loop {
            let read = moved("RETR", self.timeouts.stalled, data.read(&mut block)).await?;
            if read == 0 {
                break;
            }
            came += read as u64;
            if came > most {
                return Err(ClientError::TooLarge { most });
            }
            to.write_all(&block[..read]).await.map_err(ClientError::Local)?;
        }
        to.flush().await.map_err(ClientError::Local)?;
        self.finish("RETR", data).await?;
        Ok(came)
    }

    /// Writes a file from `start` on; gives the bytes that went.
    ///
    /// # Errors
    /// [`ClientError`]; the server may have kept a part.
    pub async fn upload<R>(&mut self, path: &str, start: u64, from: &mut R) -> Result<u64, ClientError>
    where
        R: AsyncRead + Unpin,
    {
        self.restart(start).await?;
        let begun = self.stream.put_with_stream(path);
        let mut data = step("STOR", self.timeouts.control + self.timeouts.connect, begun).await?;
        let mut block = vec![0; BLOCK_BYTES];
        let mut went = 0;
        loop {
            let read = from.read(&mut block).await.map_err(ClientError::Local)?;
            if read == 0 {
                break;
            }
            if let Err(error) = moved("STOR", self.timeouts.stalled, data.write_all(&block[..read])).await {
                // The server that hung up has said why.
                return Err(self.finish("STOR", data).await.err().unwrap_or(error));
            }
            went += read as u64;
        }
        self.finish("STOR", data).await?;
        Ok(went)
    }

    /// Puts a whole file where one may be. It is written aside as `{path}.part` and then renamed, so that whoever
    /// fetches never finds half of it; where the server does not let files be renamed, it is written over.
    ///
    /// # Errors
    /// [`ClientError`]; what was there is there still, or gone.
    pub async fn replace<R>(&mut self, path: &str, from: &mut R) -> Result<u64, ClientError>
    where
        R: AsyncRead + AsyncSeek + Unpin,
    {
        let aside = format!("{path}.part");
        let went = self.upload(&aside, 0, from).await?;
        match self.rename(&aside, path).await {
            Err(ClientError::Refused { code, .. }) if code >= 500 => {}
            renamed => return renamed.map(|()| went),
        }
        // Some do not rename over a file that is there.
        self.remove(path).await?;
        match self.rename(&aside, path).await {
            Err(ClientError::Refused { code, .. }) if code >= 500 => {}
            renamed => return renamed.map(|()| went),
        }
        self.remove(&aside).await?;
        from.rewind().await.map_err(ClientError::Local)?;
        self.upload(path, 0, from).await
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), ClientError> {
        step("RNTO", self.timeouts.control, self.stream.rename(from, to)).await
    }

    /// Removes a file; that it is gone already is as well.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn remove(&mut self, path: &str) -> Result<(), ClientError> {
        match step("DELE", self.timeouts.control, self.stream.rm(path)).await {
            Err(ClientError::Refused { code: 550, .. }) => match self.size(path).await? {
                None => Ok(()),
                Some(_) => Err(ClientError::Refused {
                    step: "DELE",
                    code: 550,
                    text: path.to_owned(),
                }),
            },
            done => done,
        }
    }

    /// Makes the folders of an absolute path that end with a slash in it: `/a/b/` for `/a/b/c`.
    ///
    /// # Errors
    /// [`ClientError`], when one is neither there nor can be made.
    pub async fn make_folders(&mut self, path: &str) -> Result<(), ClientError> {
        for (at, _) in path.match_indices('/').skip(1) {
            let folder = &path[..at];
            if step("CWD", self.timeouts.control, self.stream.cwd(folder))
                .await
                .is_ok()
            {
                continue;
            }
            let made = step("MKD", self.timeouts.control, self.stream.mkdir(folder)).await;
            // Somebody else may have been faster.
            if made.is_err()
                && step("CWD", self.timeouts.control, self.stream.cwd(folder))
                    .await
                    .is_err()
            {
                return made;
            }
        }
        step("CWD", self.timeouts.control, self.stream.cwd("/")).await
    }

    /// Says good-bye. That the server no longer listens does not matter.
    pub async fn quit(mut self) {
        let _ = step("QUIT", self.timeouts.control, self.stream.quit()).await;
    }

    async fn restart(&mut self, start: u64) -> Result<(), ClientError> {
        if start == 0 {
            return Ok(());
        }
        let start = usize::try_from(start).map_err(|_| ClientError::TooLarge {
            most: usize::MAX as u64,
        })?;
        step("REST", self.timeouts.control, self.stream.resume_transfer(start)).await
    }

    async fn finish(
        &self,
        name: &'static str,
        data: TransferStream<AsyncNoTlsStream>,
    ) -> Result<(), ClientError> {
        step(name, self.timeouts.control, data.finish()).await
    }
}

async fn dial(address: SocketAddr, within: Duration) -> std::io::Result<TcpStream> {
    let stream = timeout(within, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn within<T>(
    step: &'static str,
    after: Duration,
    call: impl Future<Output = T>,
) -> Result<T, ClientError> {
    timeout(after, call)
        .await
        .map_err(|_| ClientError::Silent { step, after })
}

async fn step<T>(
    name: &'static str,
    after: Duration,
    call: impl Future<Output = FtpResult<T>>,
) -> Result<T, ClientError> {
    within(name, after, call)
        .await?
        .map_err(|error| ClientError::of(name, error))
}

async fn moved<T>(
    name: &'static str,
    after: Duration,
    call: impl Future<Output = std::io::Result<T>>,
) -> Result<T, ClientError> {
    within(name, after, call)
        .await?
        .map_err(|source| ClientError::broken(name, source))
}

/// The code of an answer.
fn code(status: Status) -> u32 {
    status.code()
}
