//! The handles: [`Proxy`] asks, [`Following`] receives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::shutdown::Shutdown;
use protocol::Uuid;
use protocol::topic::Topics;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::ask::withdrawal;
use crate::link::{Inbox, Link};
use crate::outbox::Message;
use crate::{Ask, AskError, Outcome, ProxyOptions};

/// Messages that may wait for the connection; who asks beyond it waits.
const QUEUE: usize = 4_096;

/// Why nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be asked like that.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The connection has been ended for good.
    #[error("the connection to the broker has been closed")]
    Closed,
}

/// A clonable handle on the connection.
#[derive(Debug, Clone)]
pub struct Proxy {
    topics: Topics,
    messages: mpsc::Sender<Message>,
    up: Arc<AtomicBool>,
}

impl Proxy {
    /// Connects, and again whenever the connection is lost, until `stop`; every outcome is to be acknowledged by
    /// [`Receipt::done`] once it is handled. The broker sends again what is not, at the next connection, so one is
    /// never lost between being received and being handled. The task ends behind the last message.
    pub fn following(options: &ProxyOptions, stop: Shutdown) -> (Self, Following, JoinHandle<()>) {
        let (outcomes, received) = mpsc::unbounded_channel();
        let (receipts, done) = mpsc::unbounded_channel();
        let inbox = Inbox::Following { outcomes, receipts };
        let (proxy, task) = Self::start(options, inbox, Some(done), stop);
        (proxy, Following(received), task)
    }

    /// Connects likewise, for a service that only looks on: outcomes go to whoever subscribes to the broadcast, and
    /// are acknowledged by themselves. A subscriber that lags by more than `capacity` misses some.
    pub fn watching(
        options: &ProxyOptions,
        capacity: usize,
        stop: Shutdown,
    ) -> (Self, broadcast::Sender<Arc<Outcome>>, JoinHandle<()>) {
        let (outcomes, _) = broadcast::channel(capacity);
        let inbox = Inbox::Watching(outcomes.clone());
        let (proxy, task) = Self::start(options, inbox, None, stop);
        (proxy, outcomes, task)
    }

    fn start(
        options: &ProxyOptions,
        inbox: Inbox,
        receipts: Option<mpsc::UnboundedReceiver<Mark>>,
        stop: Shutdown,
    ) -> (Self, JoinHandle<()>) {
        let (messages, queue) = mpsc::channel(QUEUE);
        let up = Arc::new(AtomicBool::new(false));
        let link = Link::new(options, inbox, queue, receipts, up.clone());
        let proxy = Self {
            topics: options.topics.clone(),
            messages,
            up,
        };
        (proxy, tokio::spawn(link.run(stop)))
    }

    /// Asks ops_tcu for a command. Returns when the broker has it, which may take as long as the broker is away;
    /// dropping the future gives up, and what has not gone out by then will not. Whether it went out is unknown
    /// after that: asking again under the same mark is safe.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn ask(&self, uuid: Uuid, ask: &Ask) -> Result<(), ProxyError> {
        self.publish(uuid, ask.to_json()?).await
    }

    /// Withdraws what was asked under `mark`: what waits becomes `cancelled`, and so does what is in flight, though
    /// the pile may still do it. Returns when the broker has it.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn cancel(&self, uuid: Uuid, mark: &str) -> Result<(), ProxyError> {
        self.publish(uuid, withdrawal(mark)?).await
    }

    /// Whether the connection stands and outcomes come in.
    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    async fn publish(&self, uuid: Uuid, payload: Vec<u8>) -> Result<(), ProxyError> {
        let (arrived, when_arrived) = oneshot::channel();
        let message = Message {
            topic: self.topics.proxy_cmd(uuid),
            payload,
            arrived,
        };
        self.messages
            .send(message)
            .await
            .map_err(|_| ProxyError::Closed)?;
        when_arrived.await.map_err(|_| ProxyError::Closed)
    }
}

/// Outcomes as they come, in the broker's order. Nothing is dropped: what bounds them is the broker's window of
/// unacknowledged messages.
#[derive(Debug)]
pub struct Following(mpsc::UnboundedReceiver<Delivered>);

impl Following {
    /// The next one; none when the connection has been ended for good.
    pub async fn next(&mut self) -> Option<Delivered> {
        self.0.recv().await
    }
}

/// An outcome, and what acknowledges it.
#[derive(Debug)]
pub struct Delivered {
    /// What became of a command.
    pub outcome: Outcome,
    /// To be given back.
    pub receipt: Receipt,
}

/// Which packet of which life of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) epoch: u64,
    pub(crate) packet: u16,
}

/// Acknowledges one outcome. Dropped without [`Self::done`], the broker sends the outcome again at the next
/// connection.
#[derive(Debug)]
pub struct Receipt {
    pub(crate) mark: Mark,
    pub(crate) receipts: mpsc::UnboundedSender<Mark>,
}

impl Receipt {
    /// It is handled: the broker may forget it.
    pub fn done(self) {
        // Closed: the connection has ended, and the broker sends it again.
        let _ = self.receipts.send(self.mark);
    }
}
