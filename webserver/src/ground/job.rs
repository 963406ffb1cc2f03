//! Imports that go on after their request is answered: how far they are stands in Redis, for a day.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::versioned::now;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

use super::{Ground, error::ApiError, import::Report};

/// Imports that one web server carries out at once.
pub(crate) const AT_ONCE: usize = 2;
/// After how many seconds to ask again for a place.
const ASK_AGAIN: u64 = 5;
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// An import that has said nothing for so long has died with its server, ms.
const DEAD_AFTER: i64 = 180_000;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum Stage {
    /// 读取文件 Reading the file
    #[serde(rename = "读取")]
    Reading,
    /// 逐行校验 Checking the rows
    #[serde(rename = "校验")]
    Checking,
    /// 写入 Writing
    #[serde(rename = "写入")]
    Writing,
    /// 结束, 结果见 report Over; the report tells the outcome
    #[serde(rename = "完成")]
    Done,
    /// 失败, 未写入 Failed, nothing was written
    #[serde(rename = "失败")]
    Failed,
}

/// An import's progress.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Progress {
    /// 导入编号 The import's id
    pub(crate) import_id: String,
    /// 阶段 Stage
    pub(crate) stage: Stage,
    /// 已处理行数 Rows done in this stage
    pub(crate) done: u64,
    /// 总行数, 0=未知 Rows, 0 = not known yet
    pub(crate) total: u64,
    /// 最近更新, 毫秒 Last heard of, Unix ms
    pub(crate) updated: i64,
    /// 失败原因 Why it failed
    pub(crate) reason: String,
    /// 结果, 结束前为空 The outcome; null until it is over
    pub(crate) report: Option<Report>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    user_id: u64,
    progress: Progress,
}

/// An import that is under way.
pub(crate) struct Job {
    ground: Ground,
    user_id: u64,
    /// As it was told last.
    pub(crate) progress: Progress,
}

impl Ground {
    /// A place for an import; it is free again when dropped.
    ///
    /// # Errors
    /// 429 when all are taken.
    pub(crate) fn import_slot(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let slot = self.imports.clone().try_acquire_owned();
        slot.map_err(|_| ApiError::TooMany(ASK_AGAIN))
    }

    /// Begins an import.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn begin_job(&self, user_id: u64) -> Result<Job, ApiError> {
        let mut job = Job {
            ground: self.clone(),
            user_id,
            progress: Progress {
                import_id: format!("{:032x}", rand::random::<u128>()),
                stage: Stage::Reading,
                done: 0,
                total: 0,
                updated: 0,
                reason: String::new(),
                report: None,
            },
        };
        job.keep().await?;
        Ok(job)
    }

    /// How far somebody's import is.
    ///
    /// # Errors
    /// 404 for another's or none, 503 without Redis.
    pub(crate) async fn progress(&self, user_id: u64, import_id: &str) -> Result<Progress, ApiError> {
        let kept: Option<String> = redis::cmd("GET")
            .arg(self.keys.web_import(import_id))
            .query_async(&mut self.redis.clone())
            .await?;
        let kept: Option<Kept> = kept.and_then(|text| serde_json::from_str(&text).ok());
        let kept = kept.filter(|kept| kept.user_id == user_id);
        let mut progress = kept.ok_or(ApiError::NotFound)?.progress;
        let is_over = matches!(progress.stage, Stage::Done | Stage::Failed);
        if !is_over && now() - progress.updated > DEAD_AFTER {
            progress.stage = Stage::Failed;
            "服务中断，请核对后重试".clone_into(&mut progress.reason);
        }
        Ok(progress)
    }
}

impl Job {
    /// Tells how far it is. An import goes on if that cannot be told.
    pub(crate) async fn tell(&mut self, stage: Stage, done: usize, total: usize) {
        self.progress.stage = stage;
        self.progress.done = done as u64;
        self.progress.total = total as u64;
        if let Err(error) = self.keep().await {
            tracing::warn!(%error, "an import's progress could not be kept");
        }
    }

    /// Tells how it ended.
    pub(crate) async fn end(mut self, outcome: Result<Report, String>) {
        let total = self.progress.total as usize;
        match outcome {
            Ok(report) => {
                self.progress.report = Some(report);
                self.tell(Stage::Done, total, total).await;
            }
            Err(reason) => {
                self.progress.reason = reason;
                self.tell(Stage::Failed, 0, total).await;
            }
        }
    }

    async fn keep(&mut self) -> Result<(), ApiError> {
        self.progress.updated = now();
        let kept = Kept {
            user_id: self.user_id,
            progress: self.progress.clone(),
        };
        redis::cmd("SET")
            .arg(self.ground.keys.web_import(&self.progress.import_id))
            .arg(serde_json::to_string(&kept).map_err(|_| ApiError::Internal)?)
            .arg("PX")
            .arg(KEPT_FOR.as_millis() as u64)
            .exec_async(&mut self.ground.redis.clone())
            .await?;
        Ok(())
    }
}
