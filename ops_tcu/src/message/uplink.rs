//! From the broker towards the workers.

use actix::Message;
use bytes::Bytes;
use protocol::Uuid;

/// Which topic a payload came on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `…/{uuid}/msg`, or `…/{uuid}/cmd_resp/+`, which newer firmware uses for the same answers.
    Pile(Uuid),
    /// `…/{uuid}/status`, said just now.
    Status(Uuid),
    /// `…/{uuid}/status` as the broker had kept it: no traffic of the pile.
    KeptStatus(Uuid),
    /// A topic of the right shape whose uuid is none; the whole topic.
    Stray(Box<str>),
}

/// One publish of a pile.
#[derive(Debug, Clone)]
pub struct InPubTopicPayload {
    /// Where it came on.
    pub origin: Origin,
    /// Length of the topic in bytes, which the SIM card pays for too.
    pub topic_bytes: u16,
    /// What it says.
    pub payload: Bytes,
}

/// Packets to acknowledge once what they caused is durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acks {
    /// Index of the broker in the configuration.
    pub link: u8,
    /// The connection they came over: after a reconnect the broker sends unacknowledged messages
    /// again under its own numbers, and an old number may mean another message.
    pub epoch: u32,
    /// Packet ids in order of arrival.
    pub packets: Vec<u16>,
}

/// A batch of publishes for one worker.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgActiveMsg {
    /// The worker that owns these piles.
    pub shard: usize,
    /// The publishes in order of arrival.
    pub items: Vec<InPubTopicPayload>,
    /// What to acknowledge for them.
    pub acks: Acks,
}
