//! What is on its way to the broker. rumqttc names a packet only when it writes it, so messages are matched with
//! packets by their order; what a lost connection leaves unacknowledged is published again in that order.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::oneshot;

/// One message to the broker.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// Told when the broker has it; closed when nobody waits any more.
    pub(crate) arrived: oneshot::Sender<()>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Not handed to the connection yet.
    waiting: VecDeque<Message>,
    /// Handed to the connection, not yet written.
    queued: VecDeque<Message>,
    /// Written, by packet id: the how-manieth it was, and what.
    sent: BTreeMap<u16, (u64, Message)>,
    written: u64,
}

impl Outbox {
    /// One more.
    pub(crate) fn push(&mut self, message: Message) {
        self.waiting.push_back(message);
    }

    /// Hands to the connection what `take` has room for; what nobody waits for any more is dropped.
    pub(crate) fn hand_over(&mut self, mut take: impl FnMut(&Message) -> bool) {
        while let Some(message) = self.waiting.pop_front() {
            if message.arrived.is_closed() {
                continue;
            }
            if !take(&message) {
                self.waiting.push_front(message);
                return;
            }
            self.queued.push_back(message);
        }
    }

    /// The next one was written.
    pub(crate) fn written(&mut self, packet: u16) {
        if let Some(message) = self.queued.pop_front() {
            self.written += 1;
            self.sent.insert(packet, (self.written, message));
        }
    }

    /// The broker has it.
    pub(crate) fn arrived(&mut self, packet: u16) {
        if let Some((_, message)) = self.sent.remove(&packet) {
            // Who no longer waits need not be told.
            let _ = message.arrived.send(());
        }
    }

    /// The connection is gone: what the broker has not acknowledged goes out again, first and in order.
    pub(crate) fn lost(&mut self) {
        let mut sent: Vec<_> = std::mem::take(&mut self.sent).into_values().collect();
        sent.sort_by_key(|(number, _)| *number);
        let again = sent.into_iter().map(|(_, message)| message);
        let rest = std::mem::take(&mut self.waiting);
        self.waiting = again.chain(self.queued.drain(..)).chain(rest).collect();
    }

    /// Whether the broker has everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.queued.is_empty() && self.sent.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &str) -> (Message, oneshot::Receiver<()>) {
        let (arrived, when) = oneshot::channel();
        let message = Message {
            topic: topic.to_owned(),
            payload: Vec::new(),
            arrived,
        };
        (message, when)
    }

    #[test]
    fn what_is_not_acknowledged_goes_out_again_in_order() {
        let mut outbox = Outbox::default();
        let mut waits = Vec::new();
        for topic in ["a", "b", "c", "d"] {
            let (message, when) = message(topic);
            outbox.push(message);
            waits.push(when);
        }
        let mut room = 3;
        outbox.hand_over(|_| {
            room -= 1;
            room >= 0
        });
        // Packet ids wrap: b is written under a lower one than a.
        outbox.written(1024);
        outbox.written(1);
        outbox.lost();
        let mut again = Vec::new();
        outbox.hand_over(|message| {
            again.push(message.topic.clone());
            true
        });
        assert_eq!(again, ["a", "b", "c", "d"]);
        for packet in 1..=4 {
            outbox.written(packet);
            outbox.arrived(packet);
        }
        assert!(outbox.is_empty());
        assert!(waits.iter_mut().all(|when| when.try_recv() == Ok(())));
    }

    #[test]
    fn what_nobody_waits_for_is_not_sent() {
        let mut outbox = Outbox::default();
        let (given_up, when) = message("a");
        drop(when);
        outbox.push(given_up);
        let mut taken = 0;
        outbox.hand_over(|_| {
            taken += 1;
            true
        });
        assert_eq!(taken, 0);
        assert!(outbox.is_empty());
    }
}
