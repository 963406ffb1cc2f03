//! The desk answers requests for registration, which come over MQTT.
//!
//! `link` holds a connection to a broker, `read` understands a payload, `intake` applies limits, `worker` takes what
//! waits and `batch` decides it together: locks, truth, verdicts, uuids, rows, the broker's accounts, and only
//! then the answer, and behind it the acknowledgement. Killed anywhere in between, the broker sends the request
//! again, or the TCU asks again, and the same uuid comes of it.

mod arrivals;
mod batch;
mod group;
mod intake;
mod link;
mod options;
mod outlet;
mod read;
mod seldom;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use common::shutdown::Shutdown;
use protocol::topic::shared;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use outlet::{Outlet, OutletError, granted, pending, refused};

use self::batch::Work;
use self::intake::Intake;
use self::link::Link;
use self::outlet::Queue;
use self::seldom::Seldom;
use self::worker::Worker;
use crate::broker::Broker;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::model::{Limiter, Limits};

/// Requests that may wait for the worker; who comes later is told to ask again.
const WAITING: usize = 8_192;

/// A desk that is not open yet: its [`Outlet`] can be handed around, its connections are made by [`Desk::open`].
pub struct Desk {
    outlet: Outlet,
    queues: Vec<Queue>,
}

/// An open desk.
pub struct Open {
    worker: JoinHandle<()>,
    links: Vec<JoinHandle<()>>,
    stop: Shutdown,
    finish: Shutdown,
    leave: Shutdown,
    /// One per connection: whether requests come in over it.
    pub up: Vec<Arc<AtomicBool>>,
}

impl Desk {
    /// A desk for the configured brokers.
    pub fn new(config: &Config) -> Self {
        let (outlet, queues) = outlet::outlet(config.mqtt.topics(), config.mqtt.brokers.len());
        Self { outlet, queues }
    }

    /// What other rooms publish through.
    pub fn outlet(&self) -> Outlet {
        self.outlet.clone()
    }

    /// Connects and starts to work.
    pub fn open(self, config: &Config, ledger: Ledger, broker: Broker) -> Open {
        let topics = config.mqtt.topics();
        let (waiting, jobs) = mpsc::channel(WAITING);
        let limits = Limits {
            per_sn: config.registration.requests_per_sn,
            refill: config.registration.refill,
            per_second: config.registration.requests_per_second,
        };
        let intake = Intake::new(topics.clone(), Limiter::new(limits, Instant::now()), waiting);
        let filter = match config.mqtt.share_group.as_str() {
            "" => topics.register().to_owned(),
            group => shared(group, topics.register()),
        };
        let (stop, finish, leave) = (Shutdown::new(), Shutdown::new(), Shutdown::new());
        let mut links = Vec::new();
        let up = self.queues.iter().map(|queue| queue.up.clone()).collect();
        for (number, (address, queue)) in config.mqtt.brokers.iter().zip(self.queues).enumerate() {
            let options = options::options(&config.mqtt, number, address);
            let link = Link::new(number, options, filter.clone(), queue, intake.clone());
            links.push(tokio::spawn(link.run(stop.clone(), leave.clone())));
        }
        let worker = Worker {
            work: Work {
                ledger,
                broker,
                outlet: self.outlet,
                config: config.registration.clone(),
            },
            jobs,
            complaints: Seldom::default(),
        };
        Open {
            worker: tokio::spawn(worker.run(finish.clone())),
            links,
            stop,
            finish,
            leave,
            up,
        }
    }
}

impl Open {
    /// Takes no more requests, answers those that wait, and ends the connections behind the last answer.
    pub async fn close(self) {
        self.stop.trigger();
        self.finish.trigger();
        let _ = self.worker.await;
        self.leave.trigger();
        for link in self.links {
            let _ = link.await;
        }
    }
}
