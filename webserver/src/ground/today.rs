//! What the day has brought to each pile: charges and failed starts. Counted for the whole fleet at once, whoever asks,
//! because everybody has it on the first page all day long.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use clickhouse::Row;
use serde::Deserialize;
use store::Conditions;
use tokio::sync::Mutex;

use super::{Ground, error::ApiError, success::SUCCEEDED};

/// Counted again after this, and not before four times as long as counting takes.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// What it has brought to a pile: either its charges or its failed starts.
#[derive(Debug, Row, Deserialize)]
pub(crate) struct Brought {
    /// The pile.
    pub(crate) device_id: u64,
    /// kWh; the column `energy` is another.
    #[serde(rename = "kwh")]
    pub(crate) energy: f64,
    /// Charges, without those whose number had come before.
    pub(crate) charges: u64,
    /// Of them, those that count as a success.
    pub(crate) succeeded: u64,
    /// Charges that failed to start.
    pub(crate) boot_failures: u64,
}

#[derive(Debug)]
struct Kept {
    brought: Arc<Vec<Brought>>,
    good_until: Instant,
}

/// What one web server has counted, by when the day began: stations lie in different time zones.
#[derive(Debug, Default)]
pub(crate) struct Days {
    kept: RwLock<HashMap<i64, Kept>>,
    counting: Mutex<()>,
}

impl Days {
    /// Those who have waited for a count are content with it, however long it took.
    fn fresh(&self, day_start: i64, asked: Instant) -> Option<Arc<Vec<Brought>>> {
        let kept = self.kept.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let kept = kept.get(&day_start)?;
        (asked < kept.good_until).then(|| kept.brought.clone())
    }

    fn keep(&self, day_start: i64, brought: Arc<Vec<Brought>>, began: Instant) {
        let mut kept = self.kept.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.retain(|_, kept| began < kept.good_until);
        let good_until = Instant::now() + FRESH_FOR.max(began.elapsed() * 4);
        kept.insert(day_start, Kept { brought, good_until });
    }
}

impl Ground {
    /// What there was from then on, at most a few seconds old.
    ///
    /// # Errors
    /// 503 without ClickHouse.
    pub(crate) async fn brought(&self, day_start: i64) -> Result<Arc<Vec<Brought>>, ApiError> {
        let asked = Instant::now();
        if let Some(brought) = self.days.fresh(day_start, asked) {
            return Ok(brought);
        }
        let _one_counts = self.days.counting.lock().await;
        if let Some(brought) = self.days.fresh(day_start, asked) {
            return Ok(brought);
        }
        let began = Instant::now();
        let brought = Arc::new(count(self, day_start).await?);
        self.days.keep(day_start, brought.clone(), began);
        Ok(brought)
    }
}

/// Both tables hold an event once, so they need no FINAL.
async fn count(ground: &Ground, day_start: i64) -> Result<Vec<Brought>, ApiError> {
    let from = Conditions::new().and("timestamp >= ?", [day_start.into()]);
    let charges = format!(
        "SELECT device_id, sum(toFloat64(ifNull(energy, 0))) AS kwh, count() AS charges, countIf({SUCCEEDED}) AS \
         succeeded, toUInt64(0) AS boot_failures FROM trade_record"
    );
    let charges =
        from.clone()
            .and("conflict = 0", [])
            .query_with(&ground.db, &charges, " GROUP BY device_id");
    let failures = "SELECT device_id, toFloat64(0) AS kwh, toUInt64(0) AS charges, toUInt64(0) AS succeeded, \
                    count() AS boot_failures FROM boot_failed_record";
    let failures = from.query_with(&ground.db, failures, " GROUP BY device_id");
    let (mut brought, failures) = tokio::try_join!(
        ground.db.rows::<Brought>("today's charges", charges),
        ground.db.rows::<Brought>("today's failures", failures),
    )?;
    brought.extend(failures);
    Ok(brought)
}
