//! Work a command starts and time finishes: downloads, log uploads, restarts.

use super::output::{Output, Reconnect};
use super::{Pile, commands::AnswerName};

/// Between two steps of a download, simulated s.
const DOWNLOAD_STEP_S: f64 = 2.0;
/// A log is collected and uploaded in this time, simulated s.
const UPLOAD_S: f64 = 3.0;

/// Something to do later.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// The next 下载进度, and at 100 % the 下载应答.
    Download {
        reqid: u32,
        percent: u32,
        bytes: u64,
        version: String,
    },
    /// 日志上传完成.
    UploadLog { reqid: u32, file: String, path: String },
    /// Drop the connection and come back.
    Restart(Reconnect),
    /// Apply what was downloaded, then restart.
    Update,
}

impl Pile {
    pub(crate) fn schedule(&mut self, now: i64, simulated_s: f64, job: Job) {
        self.jobs.push((now + self.profile.wall_ms(simulated_s), job));
    }

    pub(crate) fn schedule_download(
        &mut self,
        now: i64,
        reqid: u32,
        percent: u32,
        bytes: u64,
        version: String,
    ) {
        self.schedule(
            now,
            DOWNLOAD_STEP_S,
            Job::Download {
                reqid,
                percent,
                bytes,
                version,
            },
        );
    }

    pub(crate) fn schedule_upload(&mut self, now: i64, reqid: u32, file: String, path: String) {
        self.schedule(now, UPLOAD_S, Job::UploadLog { reqid, file, path });
    }

    /// Does what is due.
    pub(crate) fn run_jobs(&mut self, now: i64, out: &mut Vec<Output>) {
        let (due, later) = std::mem::take(&mut self.jobs)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.jobs = later;
        let due: Vec<(i64, Job)> = due;
        for (_, job) in due {
            self.run_job(now, job, out);
        }
    }

    fn run_job(&mut self, now: i64, job: Job, out: &mut Vec<Output>) {
        match job {
            Job::Download {
                reqid,
                percent,
                bytes,
                version,
            } => {
                let mut json = self.voice.open("下载进度", reqid, None, now);
                json.number("进度", percent)
                    .number("已下载字节数", bytes * u64::from(percent) / 100);
                json.number("字节数", bytes);
                out.push(self.answer_message("下载进度", json.finish()));
                if percent < 100 {
                    return self.schedule_download(now, reqid, percent + 25, bytes, version);
                }
                self.downloaded = Some(version).filter(|version| !version.is_empty());
                self.say_success(AnswerName::of("下载"), now, reqid, out);
            }
            Job::UploadLog { reqid, file, path } => {
                let mut json = self.voice.open("日志上传完成", reqid, None, now);
                json.text("文件名", &file)
                    .text("FTP路径", &path)
                    .number("字节数", 20_480 + file.len() * 731);
                json.text("结果", "成功");
                out.push(self.answer_message("日志上传完成", json.finish()));
            }
            Job::Restart(reconnect) => out.push(Output::Reconnect(reconnect)),
            Job::Update => {
                let version = self.downloaded.take();
                self.identity.update(version);
                out.push(Output::Reconnect(Reconnect::default()));
            }
        }
    }
}
