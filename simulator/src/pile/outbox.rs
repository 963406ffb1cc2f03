//! Messages that wait for the platform's word: sent again, byte for byte, until it comes.

use bytes::Bytes;

use super::output::{Message, TradeNumber};

/// What kind of confirmation releases a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaiting {
    /// 充电记录确认 with this number.
    Record(TradeNumber),
    /// 启动失败原因确认 with the reqid.
    BootFailure(u32),
    /// 事件确认 with the reqid.
    Event(u32),
}

/// Sends of an event or boot failure before its pile gives up; a trade record is never given up.
const EVENT_SENDS: u32 = 10;

#[derive(Debug, Clone)]
struct Pending {
    awaiting: Awaiting,
    message: Message,
    due_ms: i64,
    sends: u32,
}

/// The unconfirmed messages of one pile, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    pending: Vec<Pending>,
}

impl Outbox {
    /// Takes a new message; it is due at once.
    pub(crate) fn push(&mut self, awaiting: Awaiting, message: Message, now: i64) {
        self.pending.push(Pending {
            awaiting,
            message,
            due_ms: now,
            sends: 0,
        });
    }

    /// Gives every message that is due and sets it on again.
    pub(crate) fn take_due(&mut self, now: i64, resend_ms: i64, mut send: impl FnMut(Message)) {
        for pending in self.pending.iter_mut().filter(|pending| pending.due_ms <= now) {
            pending.due_ms = now + resend_ms;
            pending.sends += 1;
            send(pending.message.clone());
        }
        self.pending
            .retain(|p| matches!(p.awaiting, Awaiting::Record(_)) || p.sends < EVENT_SENDS);
    }

    /// Releases a confirmed message; false if it was not waiting (a second confirmation, say).
    pub(crate) fn confirm(&mut self, awaiting: Awaiting) -> bool {
        let before = self.pending.len();
        self.pending.retain(|pending| pending.awaiting != awaiting);
        self.pending.len() < before
    }

    /// After a new connection nothing waits for its time: a pile sends what it has.
    pub(crate) fn hurry(&mut self, now: i64) {
        self.pending.iter_mut().for_each(|pending| pending.due_ms = now);
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.pending.iter().map(|pending| pending.due_ms).min()
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}

/// A message on the pile's main topic.
pub(crate) fn uplink(name: &'static str, payload: Vec<u8>, record: Option<TradeNumber>) -> Message {
    let channel = super::output::Channel::Msg;
    Message {
        channel,
        name,
        payload: Bytes::from(payload),
        record,
        answers: None,
    }
}
