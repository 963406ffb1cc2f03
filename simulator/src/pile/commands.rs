//! What the platform says to a pile: confirmations, and the commands, every one of which is answered.

use bytes::Bytes;
use protocol::Uuid;
use serde_json::Value;

use super::job::Job;
use super::outbox::Awaiting;
use super::output::{Channel, Message, Output, Reconnect, TradeNumber};
use super::{Pile, Sending};
use crate::clock;
use crate::json::JsonText;

/// A command's name and its answer's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerName {
    command: &'static str,
    answer: &'static str,
}

macro_rules! commands {
    ($($command:literal),+ $(,)?) => {
        /// Every command of the protocol.
        const COMMANDS: &[AnswerName] = &[$(AnswerName { command: $command, answer: concat!($command, "应答") }),+];
    };
}

commands![
    "下载",
    "更新程序并重启",
    "日志召唤",
    "更新主站",
    "参数配置",
    "参数查询",
    "SIM卡召唤",
    "软件版本查询",
    "重启",
    "桩禁用",
    "桩启用",
    "无感自愈",
    "关闭运维",
    "开启运维",
    "关键器件动作",
    "更新ID",
    "对时",
];

const REPLIES: [&str; 5] = [
    "登录应答",
    "事件确认",
    "充电记录确认",
    "启动失败原因确认",
    "关键器件动作确认",
];

/// Counted under this name: not of the protocol, answered with 失败.
const UNKNOWN: &str = "未知命令";

impl AnswerName {
    /// The entry of a command that is known to be there.
    pub(crate) fn of(command: &str) -> Self {
        Self::find(command).expect("named by this program")
    }

    fn find(command: &str) -> Option<Self> {
        COMMANDS.iter().copied().find(|name| name.command == command)
    }
}

/// The commands that every pile answers.
pub fn command_names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|name| name.command)
}

impl Pile {
    /// Takes a message from the pile's `cmd` topic; gives the name to count it under.
    pub fn hear(&mut self, now: i64, payload: &[u8], out: &mut Vec<Output>) -> &'static str {
        let Ok(message) = serde_json::from_slice::<Value>(payload) else {
            return "无法解析";
        };
        let command = message["命令"].as_str().unwrap_or_default();
        let reqid = number(&message, "reqid")
            .and_then(|id| u32::try_from(id).ok())
            .unwrap_or(0);
        if let Some(reply) = REPLIES.iter().find(|reply| **reply == command) {
            self.hear_reply(reply, reqid, &message, now, out);
            return reply;
        }
        match AnswerName::find(command) {
            Some(name) => {
                self.obey(name, reqid, &message, now, out);
                name.command
            }
            None => {
                self.refuse_unknown(reqid, now, out);
                UNKNOWN
            }
        }
    }

    fn hear_reply(&mut self, reply: &str, reqid: u32, message: &Value, now: i64, out: &mut Vec<Output>) {
        if message["结果"].as_str().is_some_and(|result| result != "成功") {
            return;
        }
        match reply {
            "登录应答" => self.set_clock(now, message),
            "充电记录确认" => {
                let record = text(message, "交易流水号").parse::<TradeNumber>();
                if let Some(record) = record
                    .ok()
                    .filter(|record| self.outbox.confirm(Awaiting::Record(*record)))
                {
                    out.push(Output::RecordConfirmed(record));
                }
            }
            "启动失败原因确认" => {
                self.outbox.confirm(Awaiting::BootFailure(reqid));
            }
            "事件确认" => {
                self.outbox.confirm(Awaiting::Event(reqid));
            }
            _ => {
                self.components.confirm(reqid);
            }
        }
    }

    fn obey(&mut self, name: AnswerName, reqid: u32, message: &Value, now: i64, out: &mut Vec<Output>) {
        match name.command {
            // Answered by the job once the file is there.
            "下载" => {
                let bytes = number(message, "字节数").unwrap_or(0);
                self.schedule_download(now, reqid, 25, bytes, text(message, "版本号").to_owned());
            }
            "关键器件动作" => {
                let payload = self.components.answer(now, reqid, &self.voice);
                out.push(self.answer_message(name.answer, payload));
            }
            "参数查询" => self.read_settings(name, reqid, message, now, out),
            "SIM卡召唤" => self.tell_sim(name, reqid, now, out),
            "软件版本查询" => self.tell_versions(name, reqid, now, out),
            "无感自愈" if self.guns.iter().any(|gun| gun.is_charging()) => {
                self.say_failure(name, "有枪正在充电", now, reqid, out);
            }
            // Two TCUs under one uuid hear the same: one that is not meant leaves the answer to the other.
            "更新ID" if !self.is_meant(message) => {}
            "更新ID" if Uuid::parse(text(message, "uuid")).is_err() => {
                self.say_failure(name, "uuid无效", now, reqid, out);
            }
            _ => {
                self.act(name.command, reqid, message, now);
                self.say_success(name, now, reqid, out);
            }
        }
    }

    /// What commands do whose answer is a plain 成功.
    fn act(&mut self, command: &str, reqid: u32, message: &Value, now: i64) {
        match command {
            "日志召唤" => {
                let (file, path) = (
                    text(message, "文件名").to_owned(),
                    text(message, "FTP路径").to_owned(),
                );
                self.schedule_upload(now, reqid, file, path);
            }
            "更新程序并重启" => self.schedule(now, 5.0, Job::Update),
            "更新主站" => {
                let broker = format!(
                    "{}:{}",
                    text(message, "服务器IP"),
                    number(message, "端口").unwrap_or(1883)
                );
                let login = (
                    text(message, "用户名").to_owned(),
                    text(message, "密码").to_owned(),
                );
                let login = Some(login).filter(|(user, _)| !user.is_empty());
                let reconnect = Reconnect {
                    broker: Some(broker),
                    login,
                    ..Reconnect::default()
                };
                self.schedule(now, 1.0, Job::Restart(reconnect));
            }
            "更新ID" => {
                let uuid = Uuid::parse(text(message, "uuid")).ok();
                self.schedule(
                    now,
                    1.0,
                    Job::Restart(Reconnect {
                        uuid,
                        ..Reconnect::default()
                    }),
                );
            }
            "重启" => {
                let delay = number(message, "延时_秒").unwrap_or(0).clamp(1, 600);
                self.schedule(now, delay as f64, Job::Restart(Reconnect::default()));
            }
            "参数配置" => self.write_settings(message),
            "桩禁用" | "桩启用" => self.set_disabled(message, command == "桩禁用"),
            "关闭运维" => self.sending = Sending::LoginOnly,
            "开启运维" if self.sending == Sending::LoginOnly => self.sending = Sending::All,
            "对时" => self.set_clock(now, message),
            _ => {}
        }
    }

    fn is_meant(&self, message: &Value) -> bool {
        let sn = text(message, "出厂编号");
        sn.is_empty() || sn == self.sn()
    }

    fn set_clock(&mut self, now: i64, message: &Value) {
        if let Some(ms) = clock::parse_wire_time(text(message, "系统时间")) {
            // Wire time has whole seconds; a clock that is right to the second stays as it is.
            if (ms - self.voice.pile_time(now)).abs() >= 1000 {
                self.voice.clock_offset_ms = ms - now;
            }
        }
    }

    fn set_disabled(&mut self, message: &Value, is_disabled: bool) {
        let wanted = number(message, "枪号").unwrap_or(0);
        for gun in self
            .guns
            .iter_mut()
            .filter(|gun| wanted == 0 || u64::from(gun.zone) == wanted)
        {
            gun.is_disabled = is_disabled;
        }
    }

    fn write_settings(&mut self, message: &Value) {
        for entry in message["配置列表"].as_array().into_iter().flatten() {
            self.settings
                .insert(text(entry, "名称").to_owned(), text(entry, "值").to_owned());
        }
    }

    fn read_settings(
        &mut self,
        name: AnswerName,
        reqid: u32,
        message: &Value,
        now: i64,
        out: &mut Vec<Output>,
    ) {
        let mut json = self.open_answer(name, "成功", now, reqid);
        json.open_array("配置列表");
        for entry in message["配置列表"].as_array().into_iter().flatten() {
            let key = text(entry, "名称");
            let value = self.settings.get(key).map_or("", String::as_str);
            json.open_object()
                .text("名称", key)
                .text("值", value)
                .close_object();
        }
        json.close_array();
        out.push(self.answer_message(name.answer, json.finish()));
    }

    fn tell_sim(&mut self, name: AnswerName, reqid: u32, now: i64, out: &mut Vec<Output>) {
        let dbm = self.signal_dbm();
        let mut json = self.open_answer(name, "成功", now, reqid);
        json.text("SIM卡号", &self.identity.iccid())
            .text("IMSI", &self.identity.imsi());
        json.text("运营商", self.identity.operator().0)
            .number("信号强度_dBm", dbm);
        out.push(self.answer_message(name.answer, json.finish()));
    }

    fn tell_versions(&mut self, name: AnswerName, reqid: u32, now: i64, out: &mut Vec<Output>) {
        let mut json = self.open_answer(name, "成功", now, reqid);
        json.text("软件版本", &self.identity.software())
            .text("硬件版本", &self.identity.hardware_version());
        json.open_array("子设备版本");
        for gun in &self.guns {
            json.open_object()
                .text("子设备编号", &format!("充电控制器{}", gun.zone));
            json.text("软件版本", "C1.4.2").close_object();
        }
        json.close_array();
        out.push(self.answer_message(name.answer, json.finish()));
    }

    fn refuse_unknown(&mut self, reqid: u32, now: i64, out: &mut Vec<Output>) {
        let name = AnswerName {
            command: UNKNOWN,
            answer: "未知命令应答",
        };
        self.say_failure(name, "不支持的命令", now, reqid, out);
    }

    pub(crate) fn say_success(&self, name: AnswerName, now: i64, reqid: u32, out: &mut Vec<Output>) {
        let json = self.open_answer(name, "成功", now, reqid);
        out.push(self.answer_message(name.answer, json.finish()));
    }

    fn say_failure(&self, name: AnswerName, reason: &str, now: i64, reqid: u32, out: &mut Vec<Output>) {
        let mut json = self.open_answer(name, "失败", now, reqid);
        json.text("失败原因", reason);
        out.push(self.answer_message(name.answer, json.finish()));
    }

    fn open_answer(&self, name: AnswerName, result: &str, now: i64, reqid: u32) -> JsonText {
        let mut json = self.voice.open(name.answer, reqid, None, now);
        json.text("结果", result);
        json
    }

    pub(crate) fn answer_message(&self, name: &'static str, payload: Vec<u8>) -> Output {
        let channel = if self.voice.firmware.cmd_resp {
            Channel::CmdResp
        } else {
            Channel::Msg
        };
        Output::Send(Message {
            channel,
            name,
            payload: Bytes::from(payload),
            record: None,
            is_answer: true,
        })
    }
}

fn text<'a>(message: &'a Value, key: &str) -> &'a str {
    message[key].as_str().unwrap_or_default()
}

/// Numbers come as numbers or as strings, downlink too when staff type them by hand.
fn number(message: &Value, key: &str) -> Option<u64> {
    let value = &message[key];
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
