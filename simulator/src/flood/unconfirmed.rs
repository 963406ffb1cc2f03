//! Trade records of one flood connection that wait for their confirmation, in the order they are due again.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use ahash::RandomState;

use crate::pile::output::{Message, TradeNumber};

/// What waits, by pile and number.
#[derive(Debug)]
pub(super) struct Unconfirmed {
    resend: Duration,
    messages: HashMap<(u32, TradeNumber), Message, RandomState>,
    /// Every sending waits equally long, so the order of sending is the order of being due.
    due: VecDeque<(Instant, u32, TradeNumber)>,
}

impl Unconfirmed {
    pub(super) fn new(resend: Duration) -> Self {
        Self {
            resend,
            messages: HashMap::default(),
            due: VecDeque::new(),
        }
    }

    /// A record that has just been sent for the first time.
    pub(super) fn keep(&mut self, pile: u32, number: TradeNumber, message: Message) {
        self.messages.insert((pile, number), message);
        self.due.push_back((Instant::now() + self.resend, pile, number));
    }

    /// The next record to send again, if one is due.
    pub(super) fn take_due(&mut self) -> Option<(u32, Message)> {
        while let Some((due, pile, number)) = self.due.front().copied() {
            let message = self.messages.get(&(pile, number));
            if message.is_some() && due > Instant::now() {
                return None;
            }
            let message = message.cloned();
            self.due.pop_front();
            if let Some(message) = message {
                self.due.push_back((Instant::now() + self.resend, pile, number));
                return Some((pile, message));
            }
        }
        None
    }

    /// False if it was not waiting.
    pub(super) fn confirm(&mut self, pile: u32, number: TradeNumber) -> bool {
        self.messages.remove(&(pile, number)).is_some()
    }
}
