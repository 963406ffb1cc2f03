//! What a pile wants done: the only way out of the pure core.

use bytes::Bytes;
use protocol::Uuid;

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
    /// Whether it answers a command of the platform.
    pub is_answer: bool,
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
}
