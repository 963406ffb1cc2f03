//! Commands that other services ask for on `PXY`, and what became of them.

use actix::Message;
use bytes::Bytes;
use protocol::Uuid;

use super::{Acks, MsgMqtt};
use crate::fleet::KeptCommand;

/// A proxied command for one pile.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgPxyCmd {
    /// The pile.
    pub uuid: Uuid,
    /// The command as the caller published it.
    pub payload: Bytes,
    /// The broker marks it as delivered before.
    pub again: bool,
    /// What to acknowledge once the command is on record.
    pub acks: Acks,
}

/// Outcomes of proxied commands, for `PXY/{uuid}/resp`; released once they are on record.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgCmdResp(pub Vec<MsgMqtt>);

/// At the start: commands of an earlier process, open ones and those that ended lately, in the order of their steps.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct MsgCommandsInit(pub Vec<KeptCommand>);
