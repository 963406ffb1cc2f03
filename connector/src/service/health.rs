//! Whether the service can do its work now. One that waits for another connector to go is well.

use std::sync::{Arc, Mutex, PoisonError};

use common::telemetry::Readiness;
use connections::Redis;
use proxy::Proxy;
use store::Clickhouse;

/// Shared with the checks.
#[derive(Clone, Default)]
pub(super) struct Health(Arc<Mutex<Now>>);

#[derive(Default)]
enum Now {
    /// Neither works nor knows of another.
    #[default]
    Starting,
    /// Another one works, or nobody knows who may.
    Waits,
    /// Over this connection.
    Works(Proxy),
}

impl Health {
    /// It works.
    pub(super) fn works(&self, proxy: Proxy) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Now::Works(proxy);
    }

    /// It does not work, and is not to.
    pub(super) fn waits(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Now::Waits;
    }

    /// Every dependency by name. `broker` counts while this connector works.
    pub(super) fn readiness(&self, db: &Clickhouse, redis: &Redis) -> Readiness {
        let now = self.clone();
        let readiness = Readiness::new().with("broker", move || {
            let outcome = now.broker();
            async move { outcome }
        });
        connections::checked(readiness, db, redis)
    }

    fn broker(&self) -> Result<(), String> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Now::Starting => Err("starting".to_owned()),
            Now::Works(proxy) if !proxy.is_up() => Err("no outcomes come in".to_owned()),
            Now::Works(_) | Now::Waits => Ok(()),
        }
    }
}
