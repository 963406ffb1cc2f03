//! What a lost connection out leaves behind: publishes that the broker has not confirmed. Nobody knows of those that
//! were written whether it has them.
//!
//! While the broker keeps the session they are sent again as MQTT has it: the same packet, marked as a repetition.
//! If it has lost the session (rumqttc would drop them all), they are published anew. What may arrive only once is
//! given up either way if it was written, because a broker hands a repetition on like a new message; and if it was
//! not, when the connection was away for so long that nobody expects it any more.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What may arrive only once is not published after a longer absence of the connection.
const STALE: Duration = Duration::from_secs(30);

/// A publish of either version.
pub(super) trait Packet {
    /// Its packet id; 0 if it has not been written yet.
    fn id(&mut self) -> &mut u16;
    /// Its mark of repetition.
    fn repeated(&mut self) -> &mut bool;
    /// Where to.
    fn topic(&self) -> &[u8];
    /// What it says.
    fn payload(&self) -> &[u8];
}

/// Whether a message to a topic may arrive only once.
pub type Once = fn(topic: &[u8], payload: &[u8]) -> bool;

/// See the module.
#[derive(Debug)]
pub(super) struct Unconfirmed<P> {
    packets: VecDeque<P>,
    once: Once,
    /// When the connection was lost.
    lost: Option<Instant>,
}

impl<P: Packet> Unconfirmed<P> {
    pub(super) fn new(once: Once) -> Self {
        Self {
            packets: VecDeque::new(),
            once,
            lost: None,
        }
    }

    /// The connection is lost.
    pub(super) fn lost(&mut self, now: Instant) {
        self.lost.get_or_insert(now);
    }

    /// Takes one over from a connection that is lost, in the order of publishing.
    pub(super) fn add(&mut self, mut packet: P) {
        if *packet.id() != 0 {
            *packet.repeated() = true;
        }
        self.packets.push_back(packet);
    }

    /// What is to be sent over the new connection, and how many are given up.
    pub(super) fn resume(&mut self, session_present: bool, now: Instant) -> (Vec<P>, u64) {
        let away = self.lost.take().map_or(Duration::ZERO, |lost| now - lost);
        let packets = std::mem::take(&mut self.packets);
        let all = packets.len();
        let again = packets.into_iter().filter_map(|mut packet| {
            let written = *packet.id() != 0;
            if (written || away > STALE) && (self.once)(packet.topic(), packet.payload()) {
                return None;
            }
            if !session_present {
                *packet.id() = 0;
                *packet.repeated() = false;
            }
            Some(packet)
        });
        let again: Vec<P> = again.collect();
        let given_up = (all - again.len()) as u64;
        (again, given_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Fake(u16, bool, &'static str);

    impl Packet for Fake {
        fn id(&mut self) -> &mut u16 {
            &mut self.0
        }
        fn repeated(&mut self) -> &mut bool {
            &mut self.1
        }
        fn topic(&self) -> &[u8] {
            b"t"
        }
        fn payload(&self) -> &[u8] {
            self.2.as_bytes()
        }
    }

    fn left() -> Unconfirmed<Fake> {
        let mut left = Unconfirmed::new(|_, payload| payload == b"once");
        for packet in [
            Fake(3, false, "once"),
            Fake(4, false, "any"),
            Fake(0, false, "once"),
        ] {
            left.add(packet);
        }
        left
    }

    #[test]
    fn a_kept_session_gets_the_same_packets_again() {
        let (again, given_up) = left().resume(true, Instant::now());
        assert_eq!(again, [Fake(4, true, "any"), Fake(0, false, "once")]);
        assert_eq!(given_up, 1);
    }

    #[test]
    fn a_lost_session_gets_them_anew() {
        let (again, given_up) = left().resume(false, Instant::now());
        assert_eq!(again, [Fake(0, false, "any"), Fake(0, false, "once")]);
        assert_eq!(given_up, 1);
    }

    #[test]
    fn nothing_that_must_not_surprise_comes_after_a_long_time() {
        let mut left = left();
        let lost = Instant::now();
        left.lost(lost);
        left.lost(lost + STALE);
        let (again, given_up) = left.resume(true, lost + STALE + Duration::from_secs(1));
        assert_eq!((again, given_up), (vec![Fake(4, true, "any")], 2));
        assert_eq!(left.resume(true, lost).0, []);
    }
}
