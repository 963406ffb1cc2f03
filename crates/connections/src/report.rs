//! A running service says how it is: every few seconds, into Redis, where the web server finds all of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::shutdown::Shutdown;
use common::telemetry::{Build, MetricsHandle, Readiness};
use store::redis_keys::RedisKeys;
use store::service_status::{FORGOTTEN_AFTER, SPEAKS_EVERY};
use store::{ServiceStatus, versioned};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::debug;

use crate::Redis;

/// How long the last word may take.
const LAST_WORD: Duration = Duration::from_secs(1);

/// A figure that is told, taken from the service's own metrics.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// As it is told; ends in `_per_second` if it is how fast the metric grows.
    pub name: &'static str,
    /// The metric; all its lines are added up.
    pub metric: &'static str,
    /// Only lines with this label, as Prometheus writes it: `direction="up"`. Empty: all.
    pub label: &'static str,
}

/// Who speaks, and of what.
pub struct Reporter {
    /// Where to.
    pub redis: Redis,
    /// Who.
    pub build: Build,
    /// What is checked.
    pub readiness: Readiness,
    /// Where figures come from.
    pub metrics: MetricsHandle,
    /// Which.
    pub figures: &'static [Figure],
}

impl Reporter {
    /// Speaks until the stop, and then takes its word back: what was stopped is not missed. Without Redis nothing is
    /// said, and nothing else suffers.
    pub async fn run(self, shutdown: Shutdown) {
        let key = RedisKeys::default().service_status();
        let instance = format!("{:08x}", rand::random::<u32>());
        let field = format!("{}:{instance}", self.build.name);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.speak(&key, &field, &instance) => {}
        }
        let (mut back, mut redis) = (redis::cmd("HDEL"), self.redis.clone());
        let _ = timeout(LAST_WORD, back.arg(&key).arg(&field).exec_async(&mut redis)).await;
    }

    /// Never ends.
    async fn speak(&self, key: &str, field: &str, instance: &str) {
        let started = versioned::now();
        let mut before: Option<(Instant, BTreeMap<&str, f64>)> = None;
        let mut every = interval(Duration::from_secs(SPEAKS_EVERY));
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut redis = self.redis.clone();
        loop {
            every.tick().await;
            let now = totals(&self.metrics.render(), self.figures);
            let at = Instant::now();
            let since = before.as_ref().map(|(then, totals)| (at - *then, totals));
            let status = ServiceStatus {
                name: self.build.name.to_owned(),
                instance: instance.to_owned(),
                version: self.build.version.to_owned(),
                started,
                at: versioned::now(),
                checks: self.checks().await,
                figures: figures(&now, since),
            };
            let is_first = before.is_none();
            before = Some((at, now));
            let Ok(text) = serde_json::to_string(&status) else {
                continue;
            };
            let mut said = redis::cmd("HSET");
            if let Err(error) = said.arg(key).arg(field).arg(text).exec_async(&mut redis).await {
                debug!(%error, "nobody could be told how the service is");
            } else if is_first {
                forget(&mut redis, key).await;
            }
        }
    }

    async fn checks(&self) -> BTreeMap<String, String> {
        let outcomes = self.readiness.run().await.into_iter();
        outcomes
            .map(|(name, outcome)| (name.to_owned(), outcome.err().unwrap_or_else(|| "ok".to_owned())))
            .collect()
    }
}

/// Takes out the words of services that have been gone for long.
async fn forget(redis: &mut Redis, key: &str) {
    let all: Result<Vec<(String, String)>, _> = redis::cmd("HGETALL").arg(key).query_async(redis).await;
    let limit = versioned::now() - FORGOTTEN_AFTER;
    for (field, text) in all.unwrap_or_default() {
        let recent = serde_json::from_str::<ServiceStatus>(&text).is_ok_and(|status| status.at > limit);
        if !recent {
            let _ = redis::cmd("HDEL").arg(key).arg(field).exec_async(redis).await;
        }
    }
}

/// The sum of each figure's metric in what Prometheus would read; what has never been counted is 0.
fn totals(text: &str, figures: &[Figure]) -> BTreeMap<&'static str, f64> {
    let mut totals: BTreeMap<&'static str, f64> = figures.iter().map(|figure| (figure.name, 0.0)).collect();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let (metric, labels) = name.split_once('{').unwrap_or((name, ""));
        let Ok(value) = value.parse::<f64>() else {
            continue;
        };
        for figure in figures {
            if figure.metric == metric && labels.contains(figure.label) {
                *totals.entry(figure.name).or_default() += value;
            }
        }
    }
    totals
}

/// The figures as they are told: how fast something grows needs two looks.
fn figures(
    now: &BTreeMap<&'static str, f64>,
    since: Option<(Duration, &BTreeMap<&'static str, f64>)>,
) -> BTreeMap<String, f64> {
    let mut told = BTreeMap::new();
    for (name, total) in now {
        let value = if name.ends_with("_per_second") {
            let Some((took, before)) = since.filter(|(took, _)| !took.is_zero()) else {
                continue;
            };
            (total - before.get(name).copied().unwrap_or_default()).max(0.0) / took.as_secs_f64()
        } else {
            *total
        };
        told.insert((*name).to_owned(), value);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: [Figure; 2] = [
        Figure {
            name: "frames_per_second",
            metric: "frames_total",
            label: r#"direction="up""#,
        },
        Figure {
            name: "online",
            metric: "online",
            label: "",
        },
    ];

    #[test]
    fn figures_are_sums_of_lines_and_growth_needs_two_looks() {
        let text = "# TYPE frames_total counter\n\
                    frames_total{command=\"a b\",direction=\"up\"} 30\n\
                    frames_total{command=\"c\",direction=\"up\"} 20\n\
                    frames_total{command=\"c\",direction=\"down\"} 7\n\
                    frames_total_other 9\nonline{shard=\"0\"} 2\nonline{shard=\"1\"} 3.5\n";
        let now = totals(text, &FIGURES);
        assert_eq!(
            now,
            BTreeMap::from([("frames_per_second", 50.0), ("online", 5.5)])
        );
        assert_eq!(figures(&now, None), BTreeMap::from([("online".to_owned(), 5.5)]));
        let before = BTreeMap::from([("frames_per_second", 10.0), ("online", 9.0)]);
        let told = figures(&now, Some((Duration::from_secs(10), &before)));
        assert_eq!(told["frames_per_second"], 4.0);
        let restarted = BTreeMap::from([("frames_per_second", 99.0)]);
        let told = figures(&now, Some((Duration::from_secs(10), &restarted)));
        assert_eq!(told["frames_per_second"], 0.0);
    }
}
