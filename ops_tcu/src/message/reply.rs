//! Towards the broker.

use actix::Message;
use bytes::Bytes;

/// One publish to a pile or a service.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct MsgMqtt {
    /// Index of the broker in the configuration.
    pub link: u8,
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Bytes,
}

/// Replies to piles (登录应答, 充电记录确认, …) whose cause has just become durable.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgRespMsg(pub Vec<MsgMqtt>);

/// Subscribe these filters at one broker.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgMqttSubs {
    /// Index of the broker.
    pub link: u8,
    /// Topic filters.
    pub filters: Vec<String>,
}

/// End these subscriptions.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgMqttUnsubs {
    /// Index of the broker.
    pub link: u8,
    /// Topic filters.
    pub filters: Vec<String>,
}
