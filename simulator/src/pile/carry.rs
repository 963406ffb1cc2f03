//! 下载 and 日志召唤: what the pile has carried by FTP, and what it makes of the outcome.

use protocol::Password;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;

use super::commands::{AnswerName, number, text};
use super::fault::Fault;
use super::job::Job;
use super::log_text::LogText;
use super::output::{Deed, Output};
use super::transfer::{Cargo, Event, Fetched, News, Transfer};
use super::{Pile, profile::FAR_AWAY_MS};

/// A pile with [`Fault::Reboot`] does so once this much has come.
const REBOOT_AT_PERCENT: u64 = 50;
/// The shortest log.
const LEAST_LOG_BYTES: u64 = 2048;

/// A transfer under way.
#[derive(Debug, Clone)]
pub(crate) struct Carrying {
    id: u32,
    reqid: u32,
    what: What,
    /// A flaky pile's that comes to nothing.
    breaks: bool,
}

#[derive(Debug, Clone)]
enum What {
    Package(Box<Wanted>),
    Log { file: String, path: String },
}

/// What a file must be.
#[derive(Debug, Clone)]
struct Wanted {
    bytes: u64,
    md5: String,
    signature: String,
    version: String,
    is_program: bool,
}

/// A file that was fetched and found to be right.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) reqid: u32,
    /// 版本号, empty if the command said none.
    pub(crate) version: String,
    /// 程序包, not 配置文件.
    pub(crate) is_program: bool,
}

impl Pile {
    /// 下载.
    pub(crate) fn begin_download(&mut self, now: i64, reqid: u32, message: &Value, out: &mut Vec<Output>) {
        let name = AnswerName::of("下载");
        if self.carrying.iter().any(|one| one.is_package()) {
            // A repetition of the command under way says nothing new.
            if !self
                .carrying
                .iter()
                .any(|one| one.is_package() && one.reqid == reqid)
            {
                self.say_failure(name, "正在下载另一文件", now, reqid, out);
            }
            return;
        }
        if self
            .package
            .as_ref()
            .is_some_and(|package| reqid != 0 && package.reqid == reqid)
        {
            return self.say_success(name, now, reqid, out);
        }
        if self.fault == Some(Fault::Stuck) {
            return self.say_progress(now, reqid, 0, number(message, "字节数").unwrap_or(0), out);
        }
        let wanted = Wanted {
            bytes: number(message, "字节数").unwrap_or(0),
            md5: text(message, "MD5").trim().to_ascii_lowercase(),
            signature: text(message, "数字签名").trim().to_owned(),
            version: text(message, "版本号").trim().to_owned(),
            is_program: text(message, "文件类型") != "配置文件",
        };
        let bytes = wanted.bytes;
        out.push(Output::Did(Deed::DownloadBegun));
        self.carry(
            reqid,
            message,
            What::Package(Box::new(wanted)),
            Cargo::Fetch { bytes },
            out,
        );
    }

    /// 日志召唤.
    pub(crate) fn begin_upload(&mut self, now: i64, reqid: u32, message: &Value, out: &mut Vec<Output>) {
        let name = AnswerName::of("日志召唤");
        let under_way = self.carrying.iter().find(|one| !one.is_package());
        if under_way.is_some_and(|one| one.reqid != reqid) {
            return self.say_failure(name, "正在上传另一日志", now, reqid, out);
        }
        let is_repetition = under_way.is_some();
        self.say_success(name, now, reqid, out);
        if is_repetition || self.fault == Some(Fault::Stuck) {
            return;
        }
        let log = self.draw_log(now);
        let what = What::Log {
            file: text(message, "文件名").to_owned(),
            path: text(message, "FTP路径").to_owned(),
        };
        out.push(Output::Did(Deed::LogBegun));
        self.carry(reqid, message, what, Cargo::Store(log), out);
    }

    fn carry(&mut self, reqid: u32, message: &Value, what: What, cargo: Cargo, out: &mut Vec<Output>) {
        self.transfers = self.transfers.wrapping_add(1);
        let id = self.transfers;
        let breaks = self.is_flaky_now();
        self.carrying.push(Carrying {
            id,
            reqid,
            what,
            breaks,
        });
        out.push(Output::Carry(Transfer {
            id,
            server: text(message, "服务器地址").to_owned(),
            port: number(message, "端口")
                .and_then(|port| u16::try_from(port).ok())
                .unwrap_or(21),
            user: text(message, "用户名").to_owned(),
            password: Password::new(text(message, "密码")),
            path: text(message, "FTP路径").to_owned(),
            cargo,
        }));
    }

    /// Small logs are many, large ones few.
    fn draw_log(&mut self, now: i64) -> LogText {
        use rand::Rng as _;
        let most = self.profile.acting.log_bytes.max(LEAST_LOG_BYTES) as f64;
        let least = LEAST_LOG_BYTES as f64;
        let bytes = least * (most / least).powf(self.chaos.random::<f64>());
        LogText {
            seed: self.chaos.random(),
            bytes: bytes as u64,
            charset: self.voice.firmware.charset,
            until_ms: self.voice.pile_time(now),
        }
    }

    /// What the shell tells of a transfer. One that a restart has ended is not known any more.
    pub fn hear_transfer(&mut self, now: i64, news: News, out: &mut Vec<Output>) {
        let Some(index) = self.carrying.iter().position(|one| one.id == news.id) else {
            return;
        };
        let one = &self.carrying[index];
        if one.breaks && !matches!(news.event, Event::Failed(_)) {
            out.push(Output::Drop(news.id));
            let one = self.carrying.swap_remove(index);
            return self.carried_in_vain(now, one, "FTP传输中断".to_owned(), out);
        }
        if let (Event::Progress(done), What::Package(wanted)) = (&news.event, &one.what) {
            let (reqid, bytes) = (one.reqid, wanted.bytes);
            return self.download_goes_on(now, reqid, *done, bytes, out);
        }
        if matches!(news.event, Event::Progress(_)) {
            return;
        }
        let one = self.carrying.swap_remove(index);
        match (news.event, one.what) {
            (Event::Fetched(fetched), What::Package(wanted)) => {
                self.fetched(now, one.reqid, *wanted, &fetched, out);
            }
            (Event::Stored(bytes), What::Log { file, path }) => {
                out.push(Output::Did(Deed::LogStored(bytes)));
                self.say_uploaded(now, one.reqid, (&file, &path), Ok(bytes), out);
            }
            (Event::Failed(reason), what) => {
                self.carried_in_vain(now, Carrying { what, ..one }, reason, out);
            }
            // The shell tells of what it was given only.
            _ => {}
        }
    }

    fn download_goes_on(&mut self, now: i64, reqid: u32, done: u64, bytes: u64, out: &mut Vec<Output>) {
        let percent = (done * 100).checked_div(bytes).unwrap_or(0).min(100);
        if self.fault == Some(Fault::Reboot) && !self.has_tripped && percent >= REBOOT_AT_PERCENT {
            self.has_tripped = true;
            return self.restart(out);
        }
        self.say_progress(now, reqid, done, bytes, out);
    }

    fn fetched(&mut self, now: i64, reqid: u32, wanted: Wanted, fetched: &Fetched, out: &mut Vec<Output>) {
        let name = AnswerName::of("下载");
        match self.judge(&wanted, fetched) {
            Ok(()) => {
                out.push(Output::Did(Deed::Downloaded {
                    bytes: fetched.bytes,
                    resumed: fetched.resumed,
                }));
                self.package = Some(Box::new(Package {
                    reqid,
                    version: wanted.version,
                    is_program: wanted.is_program,
                }));
                self.say_success(name, now, reqid, out);
            }
            Err(reason) => {
                out.push(Output::Did(Deed::DownloadFailed(reason.to_owned())));
                self.say_failure(name, reason, now, reqid, out);
            }
        }
    }

    /// Whether the file is the one that was meant.
    fn judge(&self, wanted: &Wanted, fetched: &Fetched) -> Result<(), &'static str> {
        if wanted.bytes != 0 && fetched.bytes != wanted.bytes {
            return Err("字节数不符");
        }
        let is_right = wanted.md5.is_empty() || wanted.md5 == hex::encode(fetched.md5);
        if !is_right || self.fault == Some(Fault::WrongMd5) {
            return Err("MD5校验失败");
        }
        let Some(key) = &self.profile.acting.firmware_key else {
            return Ok(());
        };
        if wanted.signature.is_empty() {
            return Err("缺少数字签名");
        }
        let signature = hex::decode(&wanted.signature).unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, key)
            .verify(&fetched.sha256, &signature)
            .map_err(|_| "数字签名校验失败")
    }

    fn carried_in_vain(&mut self, now: i64, one: Carrying, reason: String, out: &mut Vec<Output>) {
        match one.what {
            What::Package(_) => {
                self.say_failure(AnswerName::of("下载"), &reason, now, one.reqid, out);
                out.push(Output::Did(Deed::DownloadFailed(reason)));
            }
            What::Log { file, path } => {
                self.say_uploaded(now, one.reqid, (&file, &path), Err(&reason), out);
                out.push(Output::Did(Deed::LogFailed(reason)));
            }
        }
    }

    fn say_progress(&mut self, now: i64, reqid: u32, done: u64, bytes: u64, out: &mut Vec<Output>) {
        let mut json = self.voice.open("下载进度", self.told_reqid(reqid), None, now);
        let percent = (done * 100).checked_div(bytes).unwrap_or(0).min(100);
        json.number("进度", percent)
            .number("已下载字节数", done)
            .number("字节数", bytes);
        self.answer("下载进度", reqid, json.finish(), now, out);
    }

    fn say_uploaded(
        &mut self,
        now: i64,
        reqid: u32,
        (file, path): (&str, &str),
        outcome: Result<u64, &str>,
        out: &mut Vec<Output>,
    ) {
        let mut json = self.voice.open("日志上传完成", self.told_reqid(reqid), None, now);
        json.text("文件名", file)
            .text("FTP路径", path)
            .number("字节数", outcome.unwrap_or(0));
        match outcome {
            Ok(_) => json.text("结果", "成功"),
            Err(reason) => json.text("结果", "失败").text("失败原因", reason),
        };
        self.answer("日志上传完成", reqid, json.finish(), now, out);
    }

    /// 更新程序并重启.
    pub(crate) fn begin_update(&mut self, now: i64, reqid: u32, out: &mut Vec<Output>) {
        let name = AnswerName::of("更新程序并重启");
        if self.package.is_none() {
            return self.say_failure(name, "没有已下载的程序包", now, reqid, out);
        }
        self.say_success(name, now, reqid, out);
        if self.fault != Some(Fault::StuckUpdate) {
            self.schedule(now, super::job::UPDATE_S, Job::Update);
        }
    }

    /// Applies the package, and restarts; some never come back from it.
    pub(crate) fn update(&mut self, now: i64, out: &mut Vec<Output>) {
        use rand::Rng as _;
        let Some(package) = self.package.take() else {
            return;
        };
        if package.is_program {
            self.identity
                .update(Some(package.version).filter(|version| !version.is_empty()));
            out.push(Output::Did(Deed::Updated(self.identity.software())));
            self.behave(now);
        }
        let is_dead = package.is_program && self.chaos.random::<f64>() < self.behaviour.dead;
        if is_dead {
            self.go_offline(FAR_AWAY_MS, out);
        } else {
            self.restart(out);
        }
    }
}

impl Carrying {
    fn is_package(&self) -> bool {
        matches!(self.what, What::Package(_))
    }
}
