//! Whether the service can do its work now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::telemetry::Readiness;
use connections::Redis;
use store::Clickhouse;

use crate::clock::Backlog;
use crate::mqtt::Health;

/// Flags that readiness looks at.
#[derive(Clone)]
pub(super) struct Up {
    pub(super) running: Arc<AtomicBool>,
    pub(super) redis: Arc<AtomicBool>,
    pub(super) brokers: Vec<BrokerHealth>,
}

/// The two connections to one broker.
#[derive(Debug, Clone, Default)]
pub(super) struct BrokerHealth {
    pub(super) incoming: Arc<Health>,
    pub(super) outgoing: Arc<Health>,
}

impl BrokerHealth {
    fn complaint(&self) -> Option<String> {
        self.incoming.complaint().or_else(|| self.outgoing.complaint())
    }
}

impl Up {
    pub(super) fn new(brokers: usize) -> Self {
        Self {
            running: Arc::default(),
            redis: Arc::new(AtomicBool::new(true)),
            brokers: (0..brokers).map(|_| BrokerHealth::default()).collect(),
        }
    }
}

/// Every dependency by name.
pub(super) fn readiness(up: &Up, db: &Clickhouse, redis: &Redis, backlog: &Backlog) -> Readiness {
    let (running, brokers) = (up.running.clone(), up.brokers.clone());
    let backlog = backlog.clone();
    let own = Readiness::new()
        .with("log", move || {
            let backlog = backlog.clone();
            async move {
                if backlog.is_high() {
                    Err(backlog.complaint())
                } else {
                    Ok(())
                }
            }
        })
        .with("intake", move || {
            let ready = running.load(Ordering::Relaxed);
            async move {
                ready
                    .then_some(())
                    .ok_or_else(|| "starting or stopping".to_owned())
            }
        })
        .with("broker", move || {
            let numbered = brokers.iter().enumerate();
            let complaints: Vec<_> = numbered
                .filter_map(|(number, broker)| Some(format!("broker {number}: {}", broker.complaint()?)))
                .collect();
            async move {
                if complaints.is_empty() {
                    Ok(())
                } else {
                    Err(complaints.join("; "))
                }
            }
        });
    connections::checked(own, db, redis)
}
