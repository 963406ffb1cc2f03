//! What piles say. One file per message; [`Uplink`] is the register of them all.

mod answer;
mod boot_failed;
mod common;
mod download_progress;
mod event;
mod key_component;
mod log_uploaded;
mod login;
mod message;
mod named_values;
mod points;
mod presence;
mod register;
mod run_data;
mod trade_record;
mod unknown;

use std::borrow::Cow;

pub use answer::Answer;
pub use boot_failed::{BootFailed, FailureReason};
pub use common::Common;
pub use download_progress::DownloadProgress;
pub use event::{Event, EventState};
pub use key_component::{ComponentCount, KeyComponentAnswer};
pub use log_uploaded::LogUploaded;
pub use login::Login;
pub use points::Points;
pub use presence::Presence;
pub use register::Register;
pub use run_data::{RunData, RunDataVersion};
pub use trade_record::TradeRecord;
pub use unknown::Unknown;

use crate::json::Cursor;
use crate::{Malformed, MalformedReason as Reason, Problems};

/// A message of a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uplink<'a> {
    /// 登录
    Login(Login<'a>),
    /// 运行数据
    RunData(RunData<'a>),
    /// 数据变位: only the points that changed.
    Change(RunData<'a>),
    /// 事件上送, 告警
    Event(Event<'a>),
    /// 充电记录, 交易记录
    TradeRecord(TradeRecord<'a>),
    /// 启动失败原因
    BootFailed(BootFailed<'a>),
    /// 关键器件动作应答
    KeyComponent(KeyComponentAnswer<'a>),
    /// X应答, the answer to the command X
    Answer(Answer<'a>),
    /// 下载进度
    DownloadProgress(DownloadProgress<'a>),
    /// 日志上传完成
    LogUploaded(LogUploaded<'a>),
    /// 注册申请
    Register(Register<'a>),
    /// A 命令 that is none of these.
    Unknown(Unknown<'a>),
}

impl<'a> Uplink<'a> {
    /// The 命令 as it was on the wire (one of its aliases, where it has them).
    pub fn command(&self) -> &str {
        &self.common().command
    }

    /// The fields that any message may carry.
    pub fn common(&self) -> &Common<'a> {
        match self {
            Self::Login(message) => &message.common,
            Self::RunData(message) | Self::Change(message) => &message.common,
            Self::Event(message) => &message.common,
            Self::TradeRecord(message) => &message.common,
            Self::BootFailed(message) => &message.common,
            Self::KeyComponent(message) => &message.common,
            Self::Answer(message) => &message.common,
            Self::DownloadProgress(message) => &message.common,
            Self::LogUploaded(message) => &message.common,
            Self::Register(message) => &message.common,
            Self::Unknown(message) => &message.common,
        }
    }

    /// Fields that could not be used as sent.
    pub fn problems(&self) -> &Problems<'a> {
        match self {
            Self::Login(message) => &message.problems,
            Self::RunData(message) | Self::Change(message) => &message.problems,
            Self::Event(message) => &message.problems,
            Self::TradeRecord(message) => &message.problems,
            Self::BootFailed(message) => &message.problems,
            Self::KeyComponent(message) => &message.problems,
            Self::Answer(message) => &message.problems,
            Self::DownloadProgress(message) => &message.problems,
            Self::LogUploaded(message) => &message.problems,
            Self::Register(message) => &message.problems,
            Self::Unknown(message) => &message.problems,
        }
    }
}

/// Reads the message at the start of a payload, by its 命令.
pub(crate) fn read<'a>(mut cursor: Cursor<'a>) -> Result<Uplink<'a>, Malformed> {
    let start = cursor.clone();
    let mut command = Cow::Borrowed("");
    if cursor.shortcuts() && cursor.eat("{\"命令\":\"") {
        command = cursor.rest_of_string()?;
    }
    // An empty 命令 may be followed by a real one, and a padded one must be trimmed; the search does both.
    let first = !matches!(command.as_bytes(), [first, .., last] if *first > b' ' && *last > b' ');
    if first {
        cursor = start;
        command = self::command(&cursor)?;
        cursor.open(b'{');
    }
    let message = by_command(command, &mut cursor, first)?;
    cursor.end()?;
    Ok(message)
}

fn by_command<'a>(
    command: Cow<'a, str>,
    cursor: &mut Cursor<'a>,
    first: bool,
) -> Result<Uplink<'a>, Malformed> {
    Ok(match &*command {
        "运行数据" => Uplink::RunData(RunData::read(command, cursor, first)?),
        "数据变位" => Uplink::Change(RunData::read(command, cursor, first)?),
        "登录" => Uplink::Login(Login::read(command, cursor, first)?),
        "事件上送" | "告警" => Uplink::Event(Event::read(command, cursor, first)?),
        "充电记录" | "交易记录" => Uplink::TradeRecord(TradeRecord::read(command, cursor, first)?),
        "启动失败原因" => Uplink::BootFailed(BootFailed::read(command, cursor, first)?),
        "关键器件动作应答" => Uplink::KeyComponent(KeyComponentAnswer::read(command, cursor, first)?),
        "下载进度" => Uplink::DownloadProgress(DownloadProgress::read(command, cursor, first)?),
        "日志上传完成" => Uplink::LogUploaded(LogUploaded::read(command, cursor, first)?),
        "注册申请" => Uplink::Register(Register::read(command, cursor, first)?),
        other if Answer::is_answer(other) => Uplink::Answer(Answer::read(command, cursor, first)?),
        _ => Uplink::Unknown(Unknown::read(command, cursor, first)?),
    })
}

/// Finds the 命令 among the keys of the object.
pub(crate) fn command<'a>(cursor: &Cursor<'a>) -> Result<Cow<'a, str>, Malformed> {
    let mut cursor = cursor.clone();
    match cursor.peek() {
        None | Some(0) => return Err(cursor.error(Reason::Empty, "nothing but blanks")),
        Some(b'{') => {}
        Some(_) => return Err(cursor.error(Reason::NotObject, "an object was expected")),
    }
    cursor.open(b'{');
    let mut first = true;
    while let Some(key) = cursor.key(first)? {
        first = false;
        let value = cursor.value()?;
        if key == "命令"
            && let Some(command) = value.scalar_cow()
        {
            return Ok(command);
        }
    }
    Err(cursor.error(Reason::NoCommand, "no 命令 in the object"))
}
