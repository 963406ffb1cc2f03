//! What register publishes: results to TCUs, commands to `ops_tcu`. Any room may hold this handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::reply::RegisterResult;
use protocol::topic::Topics;
use protocol::{Outcome, Password, Payload as _, Uuid};
use tokio::sync::{mpsc, oneshot};

use crate::model::Serial;

/// Messages that may wait for one connection.
const QUEUE: usize = 8_192;

/// A connection is away and its queue is full; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no broker takes messages now")]
pub struct OutletError;

/// A handle on every broker connection.
#[derive(Clone)]
pub struct Outlet {
    topics: Topics,
    links: Arc<[Sender]>,
}

#[derive(Clone)]
struct Sender {
    queue: mpsc::Sender<Outgoing>,
    up: Arc<AtomicBool>,
}

/// Where a request came in: there its answer goes out, and there it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Which connection.
    pub(crate) link: usize,
    /// Which of its lives: packet ids of an earlier one mean nothing.
    pub(crate) epoch: u64,
    /// The packet to acknowledge; none for QoS 0.
    pub(crate) packet: Option<u16>,
}

/// For one connection: a message, then an acknowledgement.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) message: Option<(String, Vec<u8>)>,
    pub(crate) receipt: Option<Receipt>,
    /// Told when the broker has the message; dropped when that will not be known.
    pub(crate) arrived: Option<oneshot::Sender<()>>,
}

/// The receiving end of one connection's queue.
pub(crate) struct Queue {
    pub(crate) messages: mpsc::Receiver<Outgoing>,
    pub(crate) up: Arc<AtomicBool>,
}

/// An outlet for so many connections, and their ends.
pub(crate) fn outlet(topics: Topics, links: usize) -> (Outlet, Vec<Queue>) {
    let (links, queues): (Vec<_>, Vec<_>) = (0..links)
        .map(|_| {
            let (queue, messages) = mpsc::channel(QUEUE);
            let up = Arc::new(AtomicBool::new(false));
            (
                Sender {
                    queue,
                    up: up.clone(),
                },
                Queue { messages, up },
            )
        })
        .unzip();
    let links = links.into();
    (Outlet { topics, links }, queues)
}

impl Outlet {
    /// The platform's topics.
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Tells a TCU the result of its registration without being asked, as after an approval. It is sent over every
    /// connection, for nobody knows where the TCU waits.
    ///
    /// # Errors
    /// [`OutletError`] if no connection took it.
    pub fn result(&self, sn: &Serial, result: &RegisterResult) -> Result<(), OutletError> {
        let topic = self.topics.register_result(sn.as_str());
        let payload = result.to_json(0);
        let sent = self.links.iter().map(|link| {
            link.queue.try_send(Outgoing {
                message: Some((topic.clone(), payload.clone())),
                receipt: None,
                arrived: None,
            })
        });
        // Every connection is tried.
        let taken = sent.filter(Result::is_ok).count();
        if taken == 0 { Err(OutletError) } else { Ok(()) }
    }

    /// Publishes over one connection, one that is up if there is any.
    ///
    /// # Errors
    /// [`OutletError`] if it took nothing.
    pub fn publish(&self, topic: String, payload: Vec<u8>) -> Result<(), OutletError> {
        let up = |link: &&Sender| link.up.load(Ordering::Relaxed);
        let link = self.links.iter().find(up).or(self.links.first());
        let outgoing = Outgoing {
            message: Some((topic, payload)),
            receipt: None,
            arrived: None,
        };
        link.ok_or(OutletError)?
            .queue
            .try_send(outgoing)
            .map_err(|_| OutletError)
    }

    /// Answers a request where it came from, and acknowledges it behind the answer. Waits for room: an answer
    /// that is dropped would be a request that is worked on again. What is given back tells when the broker has it.
    pub(crate) async fn answer(
        &self,
        receipt: Receipt,
        message: Option<(String, Vec<u8>)>,
    ) -> oneshot::Receiver<()> {
        let (arrived, when_arrived) = oneshot::channel();
        if let Some(link) = self.links.get(receipt.link) {
            let outgoing = Outgoing {
                message,
                receipt: Some(receipt),
                arrived: Some(arrived),
            };
            // Closed: the service stops, and the broker keeps the request for the next start.
            let _ = link.queue.send(outgoing).await;
        }
        when_arrived
    }
}

/// 注册结果 with the credentials of a TCU.
pub fn granted(uuid: Uuid, username: &str, password: &Password) -> RegisterResult {
    RegisterResult {
        outcome: Outcome::Success,
        uuid: Some(uuid),
        user: Some(username.to_owned()),
        password: Some(password.clone()),
        reason: None,
    }
}

/// 注册结果 of a TCU that waits for staff.
pub fn pending() -> RegisterResult {
    RegisterResult {
        outcome: Outcome::Pending,
        reason: Some("型号和合同不在注册白名单，等待运维人员审核".to_owned()),
        ..RegisterResult::default()
    }
}

/// 注册结果 of a TCU that gets nothing.
pub fn refused(reason: impl Into<String>) -> RegisterResult {
    RegisterResult {
        outcome: Outcome::Failure,
        reason: Some(reason.into()),
        ..RegisterResult::default()
    }
}
