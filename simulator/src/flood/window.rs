//! Publishes in flight on one flood connection, by packet id. They outlive the connection: what the broker
//! did not acknowledge is published again on the next one.

use std::time::Instant;

use bytes::Bytes;

/// A publish that waits for its PUBACK.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) pile: u32,
    pub(super) payload: Bytes,
    pub(super) sent: Instant,
}

/// A fixed number of packet ids.
#[derive(Debug)]
pub(super) struct Window {
    flights: Vec<Option<Flight>>,
    count: usize,
    next: usize,
}

impl Window {
    pub(super) fn new(size: u16) -> Self {
        Self {
            flights: vec![None; usize::from(size)],
            count: 0,
            next: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Takes the next free packet id; `None` when all are in flight.
    pub(super) fn put(&mut self, flight: Flight) -> Option<u16> {
        let size = self.flights.len();
        let slot = (0..size)
            .map(|step| (self.next + step) % size)
            .find(|&slot| self.flights[slot].is_none())?;
        self.flights[slot] = Some(flight);
        self.count += 1;
        self.next = (slot + 1) % size;
        u16::try_from(slot + 1).ok()
    }

    /// Frees a packet id.
    pub(super) fn take(&mut self, pkid: u16) -> Option<Flight> {
        let flight = self.flights.get_mut(usize::from(pkid).checked_sub(1)?)?.take();
        self.count -= usize::from(flight.is_some());
        flight
    }

    /// Everything in flight, to publish it again under the same packet ids.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u16, &mut Flight)> {
        let ids = 1..=u16::MAX;
        ids.zip(self.flights.iter_mut())
            .filter_map(|(pkid, flight)| Some((pkid, flight.as_mut()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(pile: u32) -> Flight {
        Flight {
            pile,
            payload: Bytes::new(),
            sent: Instant::now(),
        }
    }

    #[test]
    fn ids_come_round_and_never_double() {
        let mut window = Window::new(3);
        assert_eq!(
            [1, 2, 3].map(|pile| window.put(flight(pile))),
            [Some(1), Some(2), Some(3)]
        );
        assert_eq!(window.put(flight(4)), None);
        assert_eq!(window.take(2).map(|flight| flight.pile), Some(2));
        assert!(window.take(2).is_none() && window.take(0).is_none() && window.take(9).is_none());
        assert_eq!(window.put(flight(5)), Some(2));
        assert_eq!((window.len(), window.iter_mut().count()), (3, 3));
    }
}
