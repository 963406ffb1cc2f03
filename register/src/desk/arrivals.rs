//! Which published messages the broker has. rumqttc names a packet only when it writes it, so messages are matched
//! with packets by their order.

use std::collections::{HashMap, VecDeque};

use tokio::sync::oneshot;

type Waiting = Option<oneshot::Sender<()>>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Handed to the connection, not yet written.
    queued: VecDeque<Waiting>,
    /// Written, by packet id.
    sent: HashMap<u16, oneshot::Sender<()>>,
    /// Messages of an earlier life of the connection, which are written again first.
    again: usize,
}

impl Arrivals {
    /// One more was handed to the connection.
    pub(super) fn queued(&mut self, waiting: Waiting) {
        self.queued.push_back(waiting);
    }

    /// The next one was written.
    pub(super) fn sent(&mut self, packet: u16) {
        if self.again > 0 {
            self.again -= 1;
        } else if let Some(Some(waiting)) = self.queued.pop_front() {
            self.sent.insert(packet, waiting);
        }
    }

    /// The broker has it.
    pub(super) fn arrived(&mut self, packet: u16) {
        if let Some(waiting) = self.sent.remove(&packet) {
            // Who no longer waits need not be told.
            let _ = waiting.send(());
        }
    }

    /// The connection is gone; `again` messages will be written once more, and nobody is told of those.
    pub(super) fn lost(&mut self, again: usize) {
        self.queued.clear();
        self.sent.clear();
        self.again = again;
    }

    /// The broker has forgotten the session: nothing is written again.
    pub(super) fn forgotten(&mut self) {
        self.again = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_matched_in_order() {
        let mut arrivals = Arrivals::default();
        let (first, mut when_first) = oneshot::channel();
        let (second, mut when_second) = oneshot::channel();
        arrivals.queued(Some(first));
        arrivals.queued(None);
        arrivals.queued(Some(second));
        for packet in [7, 8, 9] {
            arrivals.sent(packet);
        }
        arrivals.arrived(9);
        assert_eq!(
            (when_first.try_recv().is_ok(), when_second.try_recv()),
            (false, Ok(()))
        );
        arrivals.arrived(7);
        assert_eq!(when_first.try_recv(), Ok(()));
    }

    #[test]
    fn what_is_written_again_is_nobodys() {
        let mut arrivals = Arrivals::default();
        let (lost, mut when_lost) = oneshot::channel();
        let (next, mut when_next) = oneshot::channel();
        arrivals.queued(Some(lost));
        arrivals.lost(1);
        assert_eq!(when_lost.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        arrivals.queued(Some(next));
        arrivals.sent(1);
        arrivals.sent(2);
        arrivals.arrived(1);
        assert!(when_next.try_recv().is_err());
        arrivals.arrived(2);
        assert_eq!(when_next.try_recv(), Ok(()));
    }
}
