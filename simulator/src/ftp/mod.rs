//! Files that piles fetch and send: FTP as a TCU does it, a bounded number of connections at once, no byte kept.

mod download;
mod reason;
mod server;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;

use crate::pile::transfer::{Cargo, Event, News, Transfer};

/// News that wait while their pile is not connected; a transfer under way waits then.
const NEWS_WAITING: usize = 8;

/// What all piles share: slots, patience, and the width of the line.
#[derive(Debug)]
pub(crate) struct Courier {
    slots: Semaphore,
    /// For a connection, an answer, or the next bytes.
    patience: Duration,
    /// Between two attempts.
    pause: Duration,
    /// Bytes per second of each transfer, if limited.
    rate: Option<u64>,
}

impl Courier {
    /// At most `connections` transfers at once, the others wait for their turn.
    pub(crate) fn new(connections: u32, patience: Duration, rate: Option<u64>) -> Self {
        Self {
            slots: Semaphore::new(connections as usize),
            patience,
            pause: (patience / 10).min(Duration::from_secs(2)),
            rate,
        }
    }

    async fn carry(&self, transfer: &Transfer, tell: &Teller) -> Event {
        let Ok(_slot) = self.slots.acquire().await else {
            return Event::Failed("程序结束".to_owned());
        };
        let outcome = match &transfer.cargo {
            Cargo::Fetch { bytes } => download::fetch(self, transfer, *bytes, tell).await,
            Cargo::Store(log) => upload::store(self, transfer, log).await,
        };
        outcome.unwrap_or_else(|reason| Event::Failed(reason.to_string()))
    }

    /// When so many bytes may have passed since `began`.
    async fn keep_pace(&self, began: tokio::time::Instant, bytes: u64) {
        if let Some(rate) = self.rate {
            let due = began + Duration::from_secs_f64(bytes as f64 / rate as f64);
            tokio::time::sleep_until(due).await;
        }
    }
}

/// Tells a pile of one of its transfers.
struct Teller {
    id: u32,
    news: mpsc::Sender<News>,
}

impl Teller {
    async fn tell(&self, event: Event) {
        let news = News { id: self.id, event };
        // A pile that is gone needs no news.
        drop(self.news.send(news).await);
    }
}

/// The transfers of one pile; they end when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    /// Made for the first transfer: most piles never have one.
    open: Option<Box<Open>>,
}

#[derive(Debug)]
struct Open {
    sender: mpsc::Sender<News>,
    receiver: mpsc::Receiver<News>,
    tasks: Vec<(u32, AbortHandle)>,
}

impl Transfers {
    /// Begins one.
    pub(crate) fn begin(&mut self, courier: &Arc<Courier>, transfer: Transfer) {
        let open = self.open.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel(NEWS_WAITING);
            Box::new(Open {
                sender,
                receiver,
                tasks: Vec::new(),
            })
        });
        open.tasks.retain(|(_, task)| !task.is_finished());
        let (courier, id) = (Arc::clone(courier), transfer.id);
        let tell = Teller {
            id,
            news: open.sender.clone(),
        };
        let task = tokio::spawn(async move {
            let event = courier.carry(&transfer, &tell).await;
            tell.tell(event).await;
        });
        open.tasks.push((id, task.abort_handle()));
    }

    /// The next news; waits for ever where there is nothing under way. Cancel-safe.
    pub(crate) async fn news(&mut self) -> News {
        match &mut self.open {
            Some(open) => match open.receiver.recv().await {
                Some(news) => news,
                // Not while the sender beside it lives.
                None => std::future::pending().await,
            },
            None => std::future::pending().await,
        }
    }

    /// Ends one.
    pub(crate) fn end(&mut self, id: u32) {
        let tasks = self.open.iter().flat_map(|open| &open.tasks);
        tasks
            .filter(|(of, _)| *of == id)
            .for_each(|(_, task)| task.abort());
    }

    /// Ends all; what they have told and nobody has heard is forgotten.
    pub(crate) fn end_all(&mut self) {
        if let Some(open) = self.open.take() {
            open.tasks.iter().for_each(|(_, task)| task.abort());
        }
    }
}

impl Drop for Transfers {
    fn drop(&mut self) {
        self.end_all();
    }
}
