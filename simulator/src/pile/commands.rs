//! What the platform says to a pile: confirmations, and the commands, every one of which is answered.

use protocol::Uuid;
use serde_json::Value;

use super::fault::Fault;
use super::job::Job;
use super::outbox::Awaiting;
use super::output::{Output, Reconnect, TradeNumber};
use super::{Pile, Sending};
use crate::clock;

/// A command's name and its answer's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerName {
    command: &'static str,
    pub(crate) answer: &'static str,
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
                out.push(Output::Commanded(name.command, reqid));
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
        let carries = ["下载", "日志召唤"].contains(&name.command);
        // What a transfer comes to is decided by itself.
        if !carries && self.is_flaky_now() {
            return self.say_failure(name, "设备忙，请稍后重试", now, reqid, out);
        }
        if !carries && self.fault == Some(Fault::Stuck) {
            return;
        }
        match name.command {
            // Answered once the file is there.
            "下载" => self.begin_download(now, reqid, message, out),
            "日志召唤" => self.begin_upload(now, reqid, message, out),
            "更新程序并重启" => self.begin_update(now, reqid, out),
            "关键器件动作" => {
                let payload = self.components.answer(now, self.told_reqid(reqid), &self.voice);
                self.answer(name.answer, reqid, payload, now, out);
            }
            "参数配置" => self.write_parameters(name, reqid, message, now, out),
            "参数查询" => self.read_parameters(name, reqid, message, now, out),
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
                self.act(name.command, message, now);
                self.say_success(name, now, reqid, out);
            }
        }
    }

    /// What commands do whose answer is a plain 成功.
    fn act(&mut self, command: &str, message: &Value, now: i64) {
        match command {
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
                self.schedule(now, 1.0, Job::Move(Box::new(reconnect)));
            }
            "更新ID" => {
                let uuid = Uuid::parse(text(message, "uuid")).ok();
                let reconnect = Reconnect {
                    uuid,
                    ..Reconnect::default()
                };
                self.schedule(now, 1.0, Job::Move(Box::new(reconnect)));
            }
            "重启" => {
                let delay = number(message, "延时_秒").unwrap_or(0).clamp(1, 600);
                self.schedule(now, delay as f64, Job::Restart);
            }
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

    fn write_parameters(
        &mut self,
        name: AnswerName,
        reqid: u32,
        message: &Value,
        now: i64,
        out: &mut Vec<Output>,
    ) {
        let pairs: Vec<(&str, String)> = entries(message)
            .map(|entry| (text(entry, "名称"), plain(&entry["值"])))
            .collect();
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        match self.parameters.write(&pairs, &self.identity) {
            Ok(()) => self.say_success(name, now, reqid, out),
            Err(parameter) => {
                self.say_failure(name, &format!("参数超出范围: {parameter}"), now, reqid, out);
            }
        }
    }

    /// All of them if none is named.
    fn read_parameters(
        &mut self,
        name: AnswerName,
        reqid: u32,
        message: &Value,
        now: i64,
        out: &mut Vec<Output>,
    ) {
        let mut names: Vec<String> = entries(message)
            .map(|entry| text(entry, "名称").to_owned())
            .collect();
        if names.is_empty() {
            names = self.parameters.names();
        }
        let mut json = self.open_answer(name, "成功", now, reqid);
        json.open_array("配置列表");
        for one in &names {
            let value = self
                .parameters
                .read(one, &self.identity, self.behaviour.interval_ms);
            json.open_object()
                .text("名称", one)
                .text("值", &value)
                .close_object();
        }
        json.close_array();
        self.answer(name.answer, reqid, json.finish(), now, out);
    }

    fn tell_sim(&mut self, name: AnswerName, reqid: u32, now: i64, out: &mut Vec<Output>) {
        let dbm = self.signal_dbm();
        let mut json = self.open_answer(name, "成功", now, reqid);
        json.text("SIM卡号", &self.identity.iccid())
            .text("IMSI", &self.identity.imsi());
        json.text("运营商", self.identity.operator().0)
            .number("信号强度_dBm", dbm);
        self.answer(name.answer, reqid, json.finish(), now, out);
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
        self.answer(name.answer, reqid, json.finish(), now, out);
    }

    fn refuse_unknown(&mut self, reqid: u32, now: i64, out: &mut Vec<Output>) {
        let name = AnswerName {
            command: UNKNOWN,
            answer: "未知命令应答",
        };
        self.say_failure(name, "不支持的命令", now, reqid, out);
    }
}

fn entries(message: &Value) -> impl Iterator<Item = &Value> {
    message["配置列表"].as_array().into_iter().flatten()
}

/// A value as text, whether it was sent as text or as a number.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(crate) fn text<'a>(message: &'a Value, key: &str) -> &'a str {
    message[key].as_str().unwrap_or_default()
}

/// Numbers come as numbers or as strings, downlink too when staff type them by hand.
pub(crate) fn number(message: &Value, key: &str) -> Option<u64> {
    let value = &message[key];
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
