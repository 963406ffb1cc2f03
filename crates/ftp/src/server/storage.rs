//! What a pile sees: the one file of its grant and the folders on the way there.

use std::io::{Cursor, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncRead, AsyncSeekExt, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use unftp_core::storage::{Error, ErrorKind, FEATURE_RESTART, Fileinfo, Result, StorageBackend};

use super::door::Session;
use super::metadata::Seen;
use super::transfer::Limits;
use super::turns::{Turn, Turns};
use super::{Grants, ServerOptions, now};
use crate::path::parts;
use crate::{Direction, Grant, OpsPath};

/// Shared by all connections.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    grants: Arc<dyn Grants>,
    uploads: Arc<Path>,
    turns: Arc<Turns>,
    stalled: Duration,
    stop: CancellationToken,
}

/// What a path leads to.
enum Found {
    /// A folder on the way; its only entry, where that is known.
    Folder(Option<String>),
    File(Grant, OpsPath),
}

impl Storage {
    pub(crate) fn new(options: &ServerOptions, grants: Arc<dyn Grants>, stop: CancellationToken) -> Self {
        Self {
            grants,
            uploads: options.uploads.as_path().into(),
            turns: Arc::default(),
            stalled: options.stalled,
            stop,
        }
    }

    async fn find(&self, session: &Session, path: &Path) -> Result<Found> {
        let parts = parts(path).ok_or(ErrorKind::FileNameNotAllowedError)?;
        let found = if session.open {
            self.find_open(&parts).await
        } else {
            self.find_granted(&session.user, &parts).await
        };
        if found.is_err() {
            info!(user = session.user, path = ?path, "FTP: not granted");
        }
        found
    }

    async fn find_granted(&self, user: &str, parts: &[&str]) -> Result<Found> {
        let grant = self.grants.of_user(user).await.map_err(unavailable)?;
        let grant = grant
            .filter(|grant| !grant.is_over(now()))
            .ok_or(ErrorKind::PermissionDenied)?;
        let file = grant.file().ok_or(ErrorKind::PermissionDenied)?;
        let text = file.to_string();
        let granted: Vec<_> = text.split('/').skip(1).collect();
        if granted == parts {
            Ok(Found::File(grant, file))
        } else if granted.starts_with(parts) {
            Ok(Found::Folder(
                granted.get(parts.len()).map(|&next| next.to_owned()),
            ))
        } else {
            Err(ErrorKind::PermanentFileNotAvailable.into())
        }
    }

    async fn find_open(&self, parts: &[&str]) -> Result<Found> {
        if let Some(file) = OpsPath::from_parts(parts) {
            let grant = self.grants.of_path(&file).await.map_err(unavailable)?;
            return match grant.filter(|grant| !grant.is_over(now()) && grant.file().as_ref() == Some(&file)) {
                Some(grant) => Ok(Found::File(grant, file)),
                None => Err(ErrorKind::PermanentFileNotAvailable.into()),
            };
        }
        match parts {
            [] | ["ops"] | ["ops", _] | ["ops", _, "download" | "upload"] | ["ops", _, "upload", "log"] => {
                Ok(Found::Folder(None))
            }
            _ => Err(ErrorKind::PermanentFileNotAvailable.into()),
        }
    }

    fn upload(&self, file: &OpsPath) -> PathBuf {
        self.uploads.join(file.uuid.to_string()).join(file.file.as_str())
    }

    async fn local(&self, grant: &Grant, file: &OpsPath) -> Result<PathBuf> {
        match file.direction {
            Direction::Upload => Ok(self.upload(file)),
            Direction::Download => self.grants.package(grant.package_id).await.map_err(|error| {
                warn!(package = grant.package_id, %error, "FTP: a package cannot be had");
                Error::new(ErrorKind::TransientFileNotAvailable, error)
            }),
        }
    }

    async fn seen(&self, found: Found) -> Result<Seen> {
        let Found::File(grant, file) = found else {
            return Ok(Seen::FOLDER);
        };
        let metadata = fs::metadata(self.local(&grant, &file).await?).await?;
        Ok(Seen {
            bytes: Some(metadata.len()),
            modified: metadata.modified().ok(),
            writable: file.direction == Direction::Upload,
        })
    }

    async fn granted(
        &self,
        session: &Session,
        path: &Path,
        direction: Direction,
    ) -> Result<(Grant, OpsPath)> {
        match self.find(session, path).await? {
            Found::File(grant, file) if file.direction == direction => Ok((grant, file)),
            _ => Err(ErrorKind::PermissionDenied.into()),
        }
    }

    fn limits<'a>(&'a self, grant: &'a Grant) -> Limits<'a> {
        Limits {
            grant,
            stalled: self.stalled,
            stop: &self.stop,
        }
    }

    /// The package, from `start` on.
    async fn open_package(&self, session: &Session, path: &Path, start: u64) -> Result<(Grant, File)> {
        let (grant, file) = self.granted(session, path, Direction::Download).await?;
        let mut local = File::open(self.local(&grant, &file).await?).await?;
        if start > local.metadata().await?.len() {
            return Err(Error::new(
                ErrorKind::PermanentFileNotAvailable,
                "it ends before there",
            ));
        }
        local.seek(SeekFrom::Start(start)).await?;
        Ok((grant, local))
    }

    /// The upload's file, cut at `start`, and the turn at it.
    async fn open_upload(&self, local: &Path, start: u64) -> Result<(Turn, File)> {
        if let Some(folder) = local.parent() {
            fs::create_dir_all(folder).await?;
        }
        let turn = self.turns.take(local).await;
        let held = turn.hold().await;
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(local)
            .await?;
        if start > file.metadata().await?.len() {
            return Err(Error::new(
                ErrorKind::PermanentFileNotAvailable,
                "what comes before is not there",
            ));
        }
        file.set_len(start).await?;
        file.seek(SeekFrom::Start(start)).await?;
        drop(held);
        Ok((turn, file))
    }
}

fn unavailable(error: std::io::Error) -> Error {
    warn!(%error, "FTP: grants cannot be read");
    Error::new(ErrorKind::TransientFileNotAvailable, error)
}

fn denied<T>() -> Result<T> {
    Err(ErrorKind::PermissionDenied.into())
}

#[async_trait]
impl StorageBackend<Session> for Storage {
    type Metadata = Seen;

    fn name(&self) -> &str {
        "grants"
    }

    fn supported_features(&self) -> u32 {
        FEATURE_RESTART
    }

    async fn metadata<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &Session,
        path: P,
    ) -> Result<Seen> {
        let found = self.find(user, path.as_ref()).await?;
        self.seen(found).await
    }

    async fn list<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &Session,
        path: P,
    ) -> Result<Vec<Fileinfo<PathBuf, Seen>>> {
        let path = path.as_ref();
        let entry = match self.find(user, path).await? {
            Found::Folder(None) => return Ok(Vec::new()),
            Found::Folder(Some(next)) => path.join(next),
            Found::File(..) => path.to_owned(),
        };
        match self.metadata(user, &entry).await {
            Ok(metadata) => Ok(vec![Fileinfo {
                path: entry,
                metadata,
            }]),
            // Granted and not uploaded yet.
            Err(_) => Ok(Vec::new()),
        }
    }

    async fn get_into<'a, P, W: ?Sized>(
        &self,
        user: &Session,
        path: P,
        start: u64,
        output: &'a mut W,
    ) -> Result<u64>
    where
        W: AsyncWrite + Unpin + Sync + Send,
        P: AsRef<Path> + Send + std::fmt::Debug,
    {
        let (grant, local) = self.open_package(user, path.as_ref(), start).await?;
        self.limits(&grant).send(local, output).await
    }

    async fn get<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &Session,
        path: P,
        start: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Sync + Unpin>> {
        let (_, local) = self.open_package(user, path.as_ref(), start).await?;
        Ok(Box::new(local))
    }

    async fn put<P, R>(&self, user: &Session, mut input: R, path: P, start: u64) -> Result<u64>
    where
        P: AsRef<Path> + Send + std::fmt::Debug,
        R: AsyncRead + Send + Sync + Unpin + 'static,
    {
        let (grant, file) = self.granted(user, path.as_ref(), Direction::Upload).await?;
        let local = self.upload(&file);
        let (turn, mut to) = self.open_upload(&local, start).await?;
        let received = self
            .limits(&grant)
            .receive(&mut input, &mut to, &turn, start)
            .await;
        match &received {
            Ok(bytes) => self.grants.stored(&file, start + bytes).await,
            Err(error) if error.kind() == ErrorKind::ExceededStorageAllocationError => {
                warn!(%file, quota = grant.quota_bytes, "FTP: an upload was larger than granted, and is removed");
                if let Some(_held) = turn.hold().await {
                    fs::remove_file(&local).await?;
                }
            }
            // What has come stays, so that the pile may go on from there.
            Err(error) => info!(%file, ?error, "FTP: an upload ended before its end"),
        }
        received
    }

    async fn cwd<P: AsRef<Path> + Send + std::fmt::Debug>(&self, user: &Session, path: P) -> Result<()> {
        match self.find(user, path.as_ref()).await? {
            Found::Folder(_) => Ok(()),
            Found::File(..) => Err(ErrorKind::PermanentDirectoryNotAvailable.into()),
        }
    }

    async fn list_fmt<P>(&self, user: &Session, path: P) -> Result<Cursor<Vec<u8>>>
    where
        P: AsRef<Path> + Send + std::fmt::Debug,
    {
        let lines = self
            .list(user, path)
            .await?
            .into_iter()
            .map(|entry| format!("{entry}\r\n"));
        Ok(Cursor::new(lines.collect::<String>().into_bytes()))
    }

    async fn del<P: AsRef<Path> + Send + std::fmt::Debug>(&self, _: &Session, _: P) -> Result<()> {
        denied()
    }

    async fn mkd<P: AsRef<Path> + Send + std::fmt::Debug>(&self, _: &Session, _: P) -> Result<()> {
        denied()
    }

    async fn rename<P: AsRef<Path> + Send + std::fmt::Debug>(&self, _: &Session, _: P, _: P) -> Result<()> {
        denied()
    }

    async fn rmd<P: AsRef<Path> + Send + std::fmt::Debug>(&self, _: &Session, _: P) -> Result<()> {
        denied()
    }
}
