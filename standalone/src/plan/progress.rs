//! What is known of each child, and whether that adds up to `ready`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Service;

/// One child as last heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// Its process, while it runs.
    pub pid: Option<u32>,
    /// Start of that process, Unix milliseconds.
    pub since: i64,
    /// Whether it has answered its readiness since it started.
    pub ready: bool,
    /// How often it was started again.
    pub restarts: u32,
}

/// All children.
#[derive(Debug, Default)]
pub struct Progress(BTreeMap<Service, Life>);

impl Progress {
    /// `service` runs as `pid` since `now` (Unix milliseconds).
    pub fn started(&mut self, service: Service, pid: u32, now: i64) {
        let restarts = self.0.get(&service).map_or(0, |life| life.restarts + 1);
        self.0.insert(
            service,
            Life {
                pid: Some(pid),
                since: now,
                ready: false,
                restarts,
            },
        );
    }

    /// `service` answered its readiness.
    pub fn ready(&mut self, service: Service) {
        if let Some(life) = self.0.get_mut(&service) {
            life.ready = true;
        }
    }

    /// `service` ended.
    pub fn ended(&mut self, service: Service) {
        if let Some(life) = self.0.get_mut(&service) {
            (life.pid, life.ready) = (None, false);
        }
    }

    /// Whether `service` has a process.
    pub fn runs(&self, service: Service) -> bool {
        self.0.get(&service).is_some_and(|life| life.pid.is_some())
    }

    /// Whether each of `wanted` runs and has answered.
    pub fn all_ready(&self, wanted: &[Service]) -> bool {
        wanted
            .iter()
            .all(|service| self.0.get(service).is_some_and(|life| life.ready))
    }

    /// Those of `wanted` that have not answered.
    pub fn waiting(&self, wanted: &[Service]) -> Vec<Service> {
        wanted
            .iter()
            .copied()
            .filter(|service| !self.all_ready(&[*service]))
            .collect()
    }

    /// Every child by name, for the run file.
    pub fn lives(&self) -> BTreeMap<String, Life> {
        self.0
            .iter()
            .map(|(service, life)| (service.name().to_owned(), life.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Service::{Chdbd, Redis};

    #[test]
    fn ready_means_that_each_runs_and_has_answered() {
        let mut progress = Progress::default();
        progress.started(Redis, 1, 0);
        progress.ready(Redis);
        assert_eq!(progress.waiting(&[Redis, Chdbd]), [Chdbd]);
        progress.started(Chdbd, 2, 0);
        progress.ready(Chdbd);
        assert!(progress.all_ready(&[Redis, Chdbd]));
    }

    #[test]
    fn a_child_that_died_has_to_answer_again() {
        let mut progress = Progress::default();
        progress.started(Redis, 1, 0);
        progress.ready(Redis);
        progress.ended(Redis);
        assert!(!progress.all_ready(&[Redis]) && !progress.runs(Redis));
        progress.started(Redis, 2, 5);
        assert!(!progress.all_ready(&[Redis]));
        assert_eq!(progress.lives()["redis-server"].restarts, 1);
    }

    #[test]
    fn an_answer_of_a_child_that_never_started_counts_for_nothing() {
        let mut progress = Progress::default();
        progress.ready(Redis);
        assert!(!progress.all_ready(&[Redis]));
    }
}
