//! One log, from wherever its row stands to its end.

use std::time::Duration;

use ftp::{Direction, FileName, OpsPath};
use protocol::Uuid;
use protocol::downlink::{Downlink, SummonLog};
use proxy::{Ask, Outcome, State as Command};
use serde_json::Value;
use store::table::log_file::{LogFile, State};
use store::versioned::now;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

use super::{collect, mark};
use crate::ground::Ground;

/// How often it is looked how much has come, and whether the end has been missed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// An answer that was not heard is looked for so often.
const ASK_EVERY: Duration = Duration::from_secs(20);
/// Between two attempts at what is away.
const PAUSE: Duration = Duration::from_secs(2);
/// Collecting goes on for so long behind the deadline when the pile has brought the log.
const LAST: Duration = Duration::from_secs(120);

/// What a job is told.
pub(super) enum Note {
    /// What became of its command.
    Heard(Box<Outcome>),
    /// Its row has been cancelled, or deleted, or it has ended.
    Withdrawn,
}

/// How it ends.
enum End {
    /// The pile has brought it.
    Brought,
    Failed(String),
    /// Somebody else has written the end.
    Withdrawn,
}

pub(super) struct Job {
    ground: Ground,
    log: LogFile,
    notes: mpsc::UnboundedReceiver<Note>,
}

impl Job {
    pub(super) fn new(ground: Ground, log: LogFile, notes: mpsc::UnboundedReceiver<Note>) -> Self {
        Self { ground, log, notes }
    }

    pub(super) async fn run(mut self) {
        let Ok(path) = path(&self.log) else {
            self.end(State::Failed, "桩的通信编号或文件名有误").await;
            return;
        };
        let mut end = self.until_brought(&path).await;
        if matches!(end, End::Brought) {
            end = self.collect(&path).await;
        }
        match end {
            End::Brought => self.end(State::Collected, "").await,
            End::Failed(reason) => self.end(State::Failed, &reason).await,
            End::Withdrawn => {
                info!(log_id = self.log.log_id, "a log is no longer wanted");
                // Whether ops_tcu hears it now or the deadline ends it: nobody waits for it.
                let _ = self
                    .ground
                    .dispatch
                    .cancel(path.uuid, &mark(self.log.log_id))
                    .await;
            }
        }
        self.tidy(&path).await;
    }

    /// Asks, then waits for the pile.
    async fn until_brought(&mut self, path: &OpsPath) -> End {
        if now() >= self.log.deadline {
            return End::Failed("超过期限仍未开始召唤".to_owned());
        }
        if let Some(end) = self.ask(path).await {
            return end;
        }
        let (mut look, mut asked) = (Instant::now() + LOOK_EVERY, Instant::now());
        loop {
            tokio::select! {
                note = self.notes.recv() => match note {
                    Some(Note::Heard(outcome)) => {
                        if let Some(end) = self.heard(outcome.state, &outcome.reason, &outcome.answer) {
                            return end;
                        }
                    }
                    Some(Note::Withdrawn) => return End::Withdrawn,
                    // The term ends, and this job with it.
                    None => std::future::pending().await,
                },
                () = sleep_until(look) => {
                    look = Instant::now() + LOOK_EVERY;
                    if let Some(end) = self.look(path).await {
                        return end;
                    }
                    if asked.elapsed() >= ASK_EVERY {
                        asked = Instant::now();
                        if let Some(end) = self.missed().await {
                            return end;
                        }
                    }
                }
            }
            // ops_tcu ends the command at the deadline; this is for when it is away.
            if now() >= self.log.deadline.saturating_add(ASK_EVERY.as_millis() as i64) {
                return End::Failed("桩在期限内没有上传日志".to_owned());
            }
        }
    }

    /// Gives the pile an account and asks it, until ops_tcu can have heard it. None: it has been asked.
    async fn ask(&mut self, path: &OpsPath) -> Option<End> {
        let mark = mark(self.log.log_id);
        let first = self.log.state() == Some(State::Requested);
        if first && let Err(error) = self.clear(path).await {
            warn!(log_id = self.log.log_id, %error, "an older file of this name could not be removed");
        }
        let quota = self.ground.config.log_file.largest.as_u64();
        let place = loop {
            let granted = self
                .ground
                .files
                .grant(&mark, path, 0, self.log.deadline, quota)
                .await;
            match granted {
                Ok(place) => break place,
                Err(error) if now() >= self.log.deadline => return Some(End::Failed(error.to_string())),
                Err(error) => warn!(%error, "a pile cannot be let in; trying again"),
            }
            sleep(PAUSE).await;
        };
        let command = Downlink::from(SummonLog {
            server: place.server,
            port: place.port,
            user: place.user,
            password: place.password,
            path: place.path,
            file_name: path.file.to_string(),
        });
        let left = self.log.deadline.saturating_sub(now()).max(1_000);
        let left = Duration::from_millis(left.unsigned_abs());
        let source = format!("connector:log:{}", self.log.created_by);
        let fits = |end: &usize| *end <= proxy::LONGEST_SOURCE;
        let ends = source.char_indices().map(|(at, c)| at + c.len_utf8());
        let source = &source[..ends.take_while(fits).last().unwrap_or(0)];
        let ask = Ask::new(&mark, &command)
            .source(source)
            .timeout(Duration::from_secs(left.as_secs()));
        if let Err(error) = self.ground.dispatch.ask(path.uuid, &ask).await {
            return Some(End::Failed(format!("命令无法发出: {error}")));
        }
        if first {
            self.step(State::Commanded).await;
            None
        } else {
            self.missed().await
        }
    }

    /// A file of this name that was brought before would be taken for what is asked for now.
    async fn clear(&self, path: &OpsPath) -> Result<(), crate::files::FilesError> {
        let files = &self.ground.files;
        files.stored.forget(&path.to_string());
        if files.is_embedded() {
            return Ok(crate::files::remove(&files.upload(path)).await?);
        }
        let mut client = files.client().await?;
        client.make_folders(&path.to_string()).await?;
        client.remove(&path.to_string()).await?;
        client.quit().await;
        Ok(())
    }

    fn heard(&mut self, state: Command, reason: &str, answer: &Value) -> Option<End> {
        match state {
            Command::Queued | Command::Sent => None,
            Command::Answered => {
                self.log.bytes = bytes(answer);
                Some(End::Brought)
            }
            Command::Failed => Some(End::Failed(format!("桩回答失败: {}", or_unknown(reason)))),
            Command::Refused => Some(End::Failed(format!("命令被拒绝: {}", or_unknown(reason)))),
            Command::TimedOut => Some(End::Failed(format!(
                "桩在期限内没有上传日志: {}",
                or_unknown(reason)
            ))),
            Command::Cancelled => Some(End::Failed("命令被撤销".to_owned())),
        }
    }

    /// What was said while nobody listened.
    async fn missed(&mut self) -> Option<End> {
        let mark = mark(self.log.log_id);
        let asked = [(self.log.device_id, mark.as_str())];
        match self
            .ground
            .dispatch
            .standings(&asked, self.log.created_time)
            .await
        {
            Ok(mut standings) => {
                let standing = standings.remove(&(self.log.device_id, mark))?;
                let answer = serde_json::from_str(&standing.answer).unwrap_or_default();
                self.heard(standing.state, &standing.reason, &answer)
            }
            Err(error) => {
                warn!(%error, "where a command stands cannot be read; trying again");
                None
            }
        }
    }

    /// How much has come. A file that the embedded server has had whole for a while is whole, whatever the pile says.
    async fn look(&mut self, path: &OpsPath) -> Option<End> {
        let files = self.ground.files.clone();
        let come = if files.is_embedded() {
            tokio::fs::metadata(files.upload(path))
                .await
                .map_or(0, |file| file.len())
        } else {
            0
        };
        if come != self.log.collected_bytes {
            self.log.collected_bytes = come;
            self.step(State::Uploading).await;
        }
        let (bytes, at) = files.stored.of(&path.to_string())?;
        (bytes == come && at.elapsed() >= files.config.log_file.settled).then_some(End::Brought)
    }

    /// Reads it into rows, again and again while something is away.
    async fn collect(&mut self, path: &OpsPath) -> End {
        self.step(State::Uploading).await;
        let last = self
            .log
            .deadline
            .max(now())
            .saturating_add(LAST.as_millis() as i64);
        let settled = Instant::now() + self.ground.config.log_file.settled;
        loop {
            let error = match collect::collect(&self.ground.files.clone(), &mut self.log, path).await {
                Ok(()) => return End::Brought,
                Err(error) => error,
            };
            let late = now() >= last || (error.is_of_file() && Instant::now() >= settled);
            if !error.is_temporary() || late {
                return End::Failed(error.to_string());
            }
            warn!(log_id = self.log.log_id, %error, "a log cannot be collected; trying again");
            tokio::select! {
                () = sleep(PAUSE) => {}
                note = self.notes.recv() => match note {
                    Some(Note::Heard(_)) => {}
                    Some(Note::Withdrawn) => return End::Withdrawn,
                    None => std::future::pending().await,
                },
            }
        }
    }

    async fn end(&mut self, state: State, reason: &str) {
        self.log.reason = reason.to_owned();
        self.log.finished_time = now();
        metrics::counter!("connector_logs_total", "state" => state.text()).increment(1);
        info!(log_id = self.log.log_id, %state, reason, "a log has come to its end");
        self.step(state).await;
    }

    /// Writes the row; while ClickHouse is away, again and again. A version just above the last: if somebody has
    /// cancelled meanwhile, by the clock, that counts.
    async fn step(&mut self, state: State) {
        self.log.state = state.to_string();
        self.ground.yield_to_people(&mut self.log);
        let token = self.ground.token();
        while let Err(error) = self.ground.insert(std::slice::from_ref(&self.log), &token).await {
            warn!(log_id = self.log.log_id, %error, "a log's row cannot be written; trying again");
            sleep(PAUSE).await;
        }
    }

    /// What is left over goes: account, file, copy.
    async fn tidy(&self, path: &OpsPath) {
        let files = &self.ground.files;
        files.stored.forget(&path.to_string());
        if let Err(error) = files.withdraw(&mark(self.log.log_id), path).await {
            warn!(log_id = self.log.log_id, %error, "a log that was collected is still on the FTP server");
        }
        if let Err(error) = collect::forget(files, self.log.log_id).await {
            warn!(log_id = self.log.log_id, %error, "a log's copy is still there");
        }
    }
}

fn path(log: &LogFile) -> Result<OpsPath, ()> {
    Ok(OpsPath {
        uuid: Uuid::parse(&log.uuid).map_err(|_| ())?,
        direction: Direction::Upload,
        file: FileName::parse(&log.file_name).map_err(|_| ())?,
    })
}

fn or_unknown(reason: &str) -> &str {
    if reason.is_empty() {
        "未说明原因"
    } else {
        reason
    }
}

/// 字节数 of 日志上传完成, which some firmware writes as text.
fn bytes(answer: &Value) -> u64 {
    match &answer["字节数"] {
        Value::String(text) => text.trim().parse().unwrap_or(0),
        number => number.as_u64().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_size_is_read_as_number_or_text() {
        assert_eq!(bytes(&json!({ "字节数": 7 })), 7);
        assert_eq!(bytes(&json!({ "字节数": " 7 " })), 7);
        assert_eq!(bytes(&json!({ "字节数": "many" })), 0);
        assert_eq!(bytes(&Value::Null), 0);
    }

    #[test]
    fn a_log_that_cannot_have_a_path_has_none() {
        let log = |uuid: &str, file_name: &str| LogFile {
            uuid: uuid.into(),
            file_name: file_name.into(),
            ..LogFile::default()
        };
        assert!(path(&log("AAAAALDJ", "BillingGun1.0.log")).is_ok());
        assert!(path(&log("AAAAALDJ", "../a")).is_err());
        assert!(path(&log("aaaaaldj", "a.log")).is_err());
    }
}
