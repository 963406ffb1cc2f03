//! What packages and logs have in common: the FTP server that piles come to, ours or somebody else's, and what a
//! pile is told to find its one file there.
//!
//! With the embedded server a pile gets an account for one file and one direction, until a moment; grants are in
//! Redis, so that the connector that takes over serves what the former one granted. Somebody else's server has one
//! account for all piles, and files are put there for each pile before its command goes out.

mod config;
mod grants;
mod server;
mod standing;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connections::Redis;
use ftp::{Client, ClientError, Credentials, Direction, Grant, OpsPath, Target};
use protocol::Password;
use ring::digest::{SHA256, digest};
use store::Clickhouse;
use store::redis_keys::RedisKeys;
use store::versioned::now;
use tokio::sync::{Mutex, OnceCell};

pub use config::{AccountConfig, FtpConfig, LogFileConfig, PackageConfig};
pub(crate) use server::start;
pub(crate) use standing::Stored;

use crate::config::Config;

/// How long a grant lasts beyond the command's deadline: a transfer that has begun may end.
const GRACE: Duration = Duration::from_secs(60);

/// Why a pile cannot be told where its file is.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Redis.
    #[error("授权无法写入Redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// The FTP server.
    #[error(transparent)]
    Ftp(#[from] ClientError),
    /// A local file.
    #[error("本地文件读写失败: {0}")]
    Local(#[from] std::io::Error),
}

/// Where a pile finds its file, and how it signs in.
#[derive(Debug, Clone)]
pub struct Place {
    /// 服务器地址
    pub server: String,
    /// 端口
    pub port: u16,
    /// 用户名
    pub user: String,
    /// 密码
    pub password: Password,
    /// FTP路径
    pub path: String,
}

/// A clonable handle; clones share everything.
#[derive(Clone)]
pub struct Files {
    pub(crate) config: Arc<Config>,
    pub(crate) db: Clickhouse,
    redis: Redis,
    keys: RedisKeys,
    secret: Arc<OnceCell<[u8; 32]>>,
    /// One package is brought at a time: 200 piles that want the same one wait for the first.
    pub(crate) bringing: Arc<Mutex<()>>,
    /// What the embedded server has stored.
    pub(crate) stored: Stored,
    /// Packages put on somebody else's server: the mark they were put there under, by path.
    pub(crate) placed: Arc<Mutex<HashMap<String, String>>>,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Files")
    }
}

impl Files {
    /// Connects to nothing yet.
    pub fn new(config: Arc<Config>, db: Clickhouse, redis: Redis, keys: RedisKeys) -> Self {
        Self {
            config,
            db,
            redis,
            keys,
            secret: Arc::default(),
            bringing: Arc::default(),
            stored: Stored::default(),
            placed: Arc::default(),
        }
    }

    /// Whether piles come to this program.
    pub fn is_embedded(&self) -> bool {
        self.config.ftp.embedded
    }

    /// Where everything local lies.
    pub fn folder(&self) -> &Path {
        &self.config.ftp.folder
    }

    /// Where uploads to the embedded server lie.
    pub(crate) fn upload(&self, path: &OpsPath) -> PathBuf {
        let folder = self.uploads().join(path.uuid.to_string());
        folder.join(path.file.as_str())
    }

    pub(crate) fn uploads(&self) -> PathBuf {
        self.config.ftp.folder.join("uploads")
    }

    /// Lets a pile at `path` until `until`, Unix ms. `mark` tells this from every other time; the same one gives the
    /// same account and password. The file itself must be there for a download: see `package`.
    ///
    /// # Errors
    /// [`FilesError::Redis`].
    pub(crate) async fn grant(
        &self,
        mark: &str,
        path: &OpsPath,
        package_id: u64,
        until: i64,
        quota_bytes: u64,
    ) -> Result<Place, FilesError> {
        let config = &self.config.ftp;
        let account = if config.embedded {
            let account = Credentials::derived(self.secret().await?, user(mark));
            let expires = until.saturating_add(GRACE.as_millis() as i64);
            let grant = Grant {
                password: account.hash(),
                uuid: path.uuid,
                direction: path.direction,
                path: path.to_string(),
                package_id,
                expires,
                quota_bytes,
            };
            self.write(&account.user, &grant).await?;
            account
        } else {
            Credentials {
                user: config.pile.username.clone(),
                password: Password::new(config.pile.password.expose()),
            }
        };
        Ok(Place {
            server: config.address.host.clone(),
            port: config.address.port,
            user: account.user,
            password: account.password,
            path: path.to_string(),
        })
    }

    /// Ends what [`Self::grant`] began: the account is gone, and so is the pile's own copy of the file.
    ///
    /// # Errors
    /// [`FilesError`]; the account goes by itself then.
    pub(crate) async fn withdraw(&self, mark: &str, path: &OpsPath) -> Result<(), FilesError> {
        if self.is_embedded() {
            let (grant, by_path) = (
                self.keys.ftp_grant(&user(mark)),
                self.keys.ftp_path(&path.to_string()),
            );
            // By path it may already be another's.
            let mut redis = self.redis.clone();
            let holder: Option<String> = redis::cmd("GET").arg(&by_path).query_async(&mut redis).await?;
            let mut removing = redis::cmd("DEL");
            removing.arg(&grant);
            if holder.as_deref() == Some(user(mark).as_str()) {
                removing.arg(&by_path);
            }
            removing.exec_async(&mut redis).await?;
            if path.direction == Direction::Upload {
                remove(&self.upload(path)).await?;
            }
            return Ok(());
        }
        let path = path.to_string();
        self.placed.lock().await.remove(&path);
        let mut client = self.client().await?;
        client.remove(&path).await?;
        client.quit().await;
        Ok(())
    }

    /// A connection to somebody else's server, with the platform's own account.
    pub(crate) async fn client(&self) -> Result<Client, ClientError> {
        let config = &self.config.ftp;
        let password = Password::new(config.own.password.expose());
        let address = &config.address;
        Client::connect(&Target::new(
            address.host.as_str(),
            address.port,
            &config.own.username,
            password,
        ))
        .await
    }

    async fn write(&self, user: &str, grant: &Grant) -> Result<(), FilesError> {
        let json = serde_json::to_string(grant).map_err(std::io::Error::other)?;
        let lasts = grant.expires.saturating_sub(now()).max(1);
        let mut redis = self.redis.clone();
        let mut both = redis::pipe();
        both.cmd("SET")
            .arg(self.keys.ftp_grant(user))
            .arg(json)
            .arg("PX")
            .arg(lasts);
        both.cmd("SET")
            .arg(self.keys.ftp_path(&grant.path))
            .arg(user)
            .arg("PX")
            .arg(lasts);
        both.exec_async(&mut redis).await?;
        Ok(())
    }

    /// Of which passwords are made. Whoever comes first makes it.
    async fn secret(&self) -> Result<&[u8; 32], FilesError> {
        let read = async || {
            let mut redis = self.redis.clone();
            let key = self.keys.ftp_secret();
            let made = hex::encode(rand::random::<[u8; 32]>());
            redis::cmd("SET")
                .arg(&key)
                .arg(made)
                .arg("NX")
                .exec_async(&mut redis)
                .await?;
            let kept: String = redis::cmd("GET").arg(&key).query_async(&mut redis).await?;
            let mut secret = [0; 32];
            hex::decode_to_slice(kept, &mut secret).map_err(std::io::Error::other)?;
            Ok::<_, FilesError>(secret)
        };
        self.secret.get_or_try_init(read).await
    }
}

/// The account of a mark: short, because some firmware keeps 16 letters of it.
fn user(mark: &str) -> String {
    hex::encode(&digest(&SHA256, mark.as_bytes()).as_ref()[..8])
}

/// Removes a local file; that it is gone already is as well.
pub(crate) async fn remove(file: &Path) -> std::io::Result<()> {
    match tokio::fs::remove_file(file).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_short_and_told_by_its_mark() {
        assert_eq!(user("l7"), user("l7"));
        assert_ne!(user("l7"), user("l8"));
        assert_eq!(user("o12-34-download-1").len(), 16);
    }
}
