//! What a pile wants done: the only way out of the pure core.

use bytes::Bytes;
use protocol::Uuid;

use super::transfer::Transfer;

/// A trade number: 32 decimal digits on the wire.
pub type TradeNumber = u128;

/// The topic a message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// `…/msg`
    Msg,
    /// `…/cmd_resp/{命令}`, where newer firmware answers.
    CmdResp,
    /// `…/status`, retained.
    Status,
}

/// One MQTT message of a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it goes.
    pub channel: Channel,
    /// Its 命令, for counting; `状态` on the status topic.
    pub name: &'static str,
    /// The bytes as firmware sends them.
    pub payload: Bytes,
    /// The trade record inside, if it is one.
    pub record: Option<TradeNumber>,
    /// The reqid of the platform's command that it answers, if it answers one.
    pub answers: Option<u32>,
}

/// Why and where a pile connects again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconnect {
    /// Move to this `host:port`; the old broker is the fall-back.
    pub broker: Option<String>,
    /// Credentials for the new broker, where the command carried any.
    pub login: Option<(String, String)>,
    /// Come back under this uuid.
    pub uuid: Option<Uuid>,
    /// Come back after this long, ms; at once if 0.
    pub away_ms: i64,
    /// The program restarts: transfers end.
    pub is_restart: bool,
}

/// What a pile has done, for the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A file is being fetched.
    DownloadBegun,
    /// A file was fetched and found right.
    Downloaded {
        /// Its length.
        bytes: u64,
        /// How often it was taken up again.
        resumed: u32,
    },
    /// 下载应答 失败, and why.
    DownloadFailed(String),
    /// A package was applied; the version since.
    Updated(String),
    /// It restarted, for whatever reason.
    Restarted,
    /// A log is being sent.
    LogBegun,
    /// A log of so many bytes was sent.
    LogStored(u64),
    /// 日志上传完成 失败, and why.
    LogFailed(String),
}

/// One thing for the shell to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Publish it with QoS 1.
    Send(Message),
    /// A charge ended: its record waits for confirmation from now on.
    RecordMade(TradeNumber),
    /// The platform confirmed this record.
    RecordConfirmed(TradeNumber),
    /// Drop the connection and come back.
    Reconnect(Reconnect),
    /// A command was heard; the same reqid twice is a repetition.
    Commanded(&'static str, u32),
    /// Carry a file.
    Carry(Transfer),
    /// Forget the transfer with this id.
    Drop(u32),
    /// For the report.
    Did(Deed),
}
