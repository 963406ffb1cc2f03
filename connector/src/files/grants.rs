//! The embedded server's questions: grants from Redis, packages from the local copies.

use std::io;
use std::path::PathBuf;

use async_trait::async_trait;
use ftp::{Grant, Grants, OpsPath};
use redis::FromRedisValue;

use super::Files;
use crate::package;

#[async_trait]
impl Grants for Files {
    async fn of_user(&self, user: &str) -> io::Result<Option<Grant>> {
        let json: Option<String> = self.read(self.keys.ftp_grant(user)).await?;
        let Some(json) = json else { return Ok(None) };
        serde_json::from_str(&json).map(Some).map_err(io::Error::other)
    }

    async fn of_path(&self, path: &OpsPath) -> io::Result<Option<Grant>> {
        let user: Option<String> = self.read(self.keys.ftp_path(&path.to_string())).await?;
        match user {
            Some(user) => self.of_user(&user).await,
            None => Ok(None),
        }
    }

    async fn package(&self, package_id: u64) -> io::Result<PathBuf> {
        package::local(self, package_id).await.map_err(io::Error::other)
    }

    async fn stored(&self, file: &OpsPath, bytes: u64) {
        self.stored.note(file.to_string(), bytes);
    }
}

impl Files {
    async fn read<T: FromRedisValue>(&self, key: String) -> io::Result<T> {
        let mut redis = self.redis.clone();
        redis::cmd("GET")
            .arg(key)
            .query_async(&mut redis)
            .await
            .map_err(io::Error::other)
    }
}
