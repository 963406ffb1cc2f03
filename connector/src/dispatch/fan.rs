//! From one stream of outcomes to the rooms that follow them. The broker is told that an outcome is handled when
//! everybody who follows it has said so.

use std::sync::{Arc, Mutex, PoisonError};

use proxy::{Delivered, Outcome, Receipt};
use tokio::sync::mpsc;

/// Who follows what.
#[derive(Default)]
pub(super) struct Fan {
    followers: Mutex<Vec<(&'static str, mpsc::UnboundedSender<Heard>)>>,
}

impl Fan {
    pub(super) fn follow(&self, prefix: &'static str) -> Follower {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        followers.push((prefix, sender));
        Follower(receiver)
    }

    /// Hands an outcome to everybody who follows it; nobody's is acknowledged at once.
    pub(super) fn spread(&self, delivered: Delivered) {
        let Delivered { outcome, receipt } = delivered;
        metrics::counter!("connector_outcomes_total", "state" => outcome.state.as_str()).increment(1);
        let outcome = Arc::new(outcome);
        let shared = Arc::new(Shared(Mutex::new(Some(receipt))));
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        followers.retain(|(prefix, follower)| {
            if !outcome.mark.starts_with(prefix) {
                return !follower.is_closed();
            }
            let heard = Heard {
                outcome: outcome.clone(),
                receipt: shared.clone(),
                handled: false,
            };
            match follower.send(heard) {
                Ok(()) => true,
                Err(mpsc::error::SendError(mut unheard)) => {
                    // The room is gone: it has no say any more.
                    unheard.handled = true;
                    false
                }
            }
        });
        drop(followers);
        // The last of the shares acknowledges: with no follower, this one.
    }
}

/// One receipt for several; dropped by the last of them.
struct Shared(Mutex<Option<Receipt>>);

impl Shared {
    /// Somebody did not handle it: the broker is to send it again.
    fn withhold(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(receipt) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            receipt.done();
        }
    }
}

/// An outcome that a room follows. Dropped without [`Heard::done`], it comes again at the next start.
pub struct Heard {
    outcome: Arc<Outcome>,
    receipt: Arc<Shared>,
    handled: bool,
}

impl Heard {
    /// What became of a command.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The same, to be kept beyond the acknowledgement.
    pub(crate) fn shared(&self) -> Arc<Outcome> {
        self.outcome.clone()
    }

    /// It is handled, and what had to be kept of it is in ClickHouse.
    pub fn done(mut self) {
        self.handled = true;
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        if !self.handled {
            self.receipt.withhold();
        }
    }
}

/// The outcomes that one room follows, in the broker's order.
pub struct Follower(mpsc::UnboundedReceiver<Heard>);

impl Follower {
    /// The next one; none when the term ends. May be dropped while it waits.
    pub async fn next(&mut self) -> Option<Heard> {
        self.0.recv().await
    }

    /// One that is here already.
    pub fn try_next(&mut self) -> Option<Heard> {
        self.0.try_recv().ok()
    }
}
