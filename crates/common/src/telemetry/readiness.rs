//! Named checks that together say whether a service can do its work now.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

/// A check that hangs counts as failed after this long.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// The checks behind `/health/ready`.
#[derive(Clone, Default)]
pub struct Readiness(Vec<(&'static str, Check)>);

impl Readiness {
    /// No checks: ready as soon as it listens.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check; its error is what people read, so it must hold no secret.
    #[must_use]
    pub fn with<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.0.push((name, Arc::new(move || Box::pin(check()))));
        self
    }

    /// Runs every check at once. The outcome of each by name: `Ok` or the reason it failed.
    pub async fn run(&self) -> BTreeMap<&'static str, Result<(), String>> {
        let running: Vec<_> = self
            .0
            .iter()
            .map(|(name, check)| (*name, tokio::spawn(tokio::time::timeout(CHECK_DEADLINE, check()))))
            .collect();
        let mut outcome = BTreeMap::new();
        for (name, task) in running {
            let result = match task.await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err("no answer in time".to_owned()),
                Err(_) => Err("the check itself failed".to_owned()),
            };
            outcome.insert(name, result);
        }
        outcome
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}
