//! Whether the service can do its work now.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::telemetry::Readiness;
use connections::Redis;
use store::Clickhouse;

use crate::directory::Directory;

/// Flags that readiness looks at.
#[derive(Clone)]
pub(super) struct Up {
    pub(super) running: Arc<AtomicBool>,
    pub(super) links: Vec<Arc<AtomicBool>>,
}

/// Every dependency by name.
pub(super) fn readiness(up: &Up, db: &Clickhouse, redis: &Redis, directory: &Directory) -> Readiness {
    let (running, links) = (up.running.clone(), up.links.clone());
    let directory = directory.clone();
    let own = Readiness::new()
        .with("desk", move || {
            let running = running.load(Ordering::Relaxed);
            async move { running.then_some(()).ok_or_else(|| "stopping".to_owned()) }
        })
        .with("broker", move || {
            let down = links.iter().filter(|up| !up.load(Ordering::Relaxed)).count();
            async move {
                (down == 0)
                    .then_some(())
                    .ok_or_else(|| format!("no requests come in over {down} broker connections"))
            }
        })
        .with("directory", move || {
            let loaded = directory.is_loaded();
            async move {
                loaded
                    .then_some(())
                    .ok_or_else(|| "the accounts are not read yet".to_owned())
            }
        });
    connections::checked(own, db, redis)
}
