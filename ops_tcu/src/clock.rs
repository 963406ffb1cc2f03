//! What the service does by the clock: a tick a second, and a look at what staff have changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::Addr;
use metrics::gauge;
use protocol::Payload as _;
use protocol::downlink::PollKeyComponents;
use store::Clickhouse;
use store::table::asset::Digests;
use store::table::{schedule, warn_definition};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tracing::{debug, info, warn};
use wal::Gauge;

use crate::actor::{DbInserter, WorkerManager};
use crate::fleet::{Assets, DeviceIds, WarnNames};
use crate::message::{ChangedAssets, MsgConfirmThisLogin, MsgGetAllCompany, MsgTcuLoopQuery, MsgWarnNames};

const SECOND: Duration = Duration::from_secs(1);

/// How much the log holds that the database has not got yet, against the most that it may.
#[derive(Debug, Clone)]
pub(crate) struct Backlog {
    /// Bytes on disk.
    pub(crate) gauge: Arc<Gauge>,
    /// `wal.max_bytes`.
    pub(crate) limit: u64,
}

impl Backlog {
    /// Whether people should look: at four fifths there is still time to.
    pub(crate) fn is_high(&self) -> bool {
        self.gauge.bytes() / 4 >= self.limit / 5
    }

    /// What they should know.
    pub(crate) fn complaint(&self) -> String {
        let mib = |bytes| bytes >> 20;
        format!(
            "{} of {} MiB of the log wait for ClickHouse; when it is full nothing is taken in",
            mib(self.gauge.bytes()),
            mib(self.limit)
        )
    }
}

/// Ticks once a second, and watches the log.
pub(crate) async fn tick(workers: Addr<WorkerManager>, backlog: Backlog) {
    let mut second = interval_at(Instant::now(), SECOND);
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut high = false;
    loop {
        second.tick().await;
        gauge!("ops_tcu_wal_backlog_bytes").set(backlog.gauge.bytes() as f64);
        if backlog.is_high() != high {
            high = !high;
            if high {
                warn!("{}", backlog.complaint());
            } else {
                info!("the log has room again");
            }
        }
        let _ = workers.try_send(MsgTcuLoopQuery);
    }
}

/// What the look at the database needs.
pub(crate) struct Refresh {
    /// Who is told.
    pub(crate) workers: Addr<WorkerManager>,
    /// Who knows the assets.
    pub(crate) inserter: Addr<DbInserter>,
    /// Where the definitions of warnings are.
    pub(crate) db: Clickhouse,
    /// From look to look.
    pub(crate) every: Duration,
    /// How long the database may take.
    pub(crate) patience: Duration,
    /// What is known of assets.
    pub(crate) assets: Assets,
    /// The database's checksums of that.
    pub(crate) digests: Digests,
    /// Who makes assets here.
    pub(crate) ids: Arc<DeviceIds>,
    /// Raised while a schedule asks for component counters.
    pub(crate) poll_rests: Arc<AtomicBool>,
}

/// Looks every so often for changed assets and for what warnings mean by now. Apart from the ticks: a
/// database that hangs must not keep deadlines, states and polls waiting. While it is away, all stays as
/// it is known.
pub(crate) async fn refresh(mut refresh: Refresh) {
    let every = refresh.every.max(SECOND);
    let mut due = interval_at(Instant::now(), every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        due.tick().await;
        refresh.assets().await;
        let scheduled = schedule::is_scheduled(&refresh.db, PollKeyComponents::COMMAND);
        if let Ok(Ok(scheduled)) = timeout(refresh.patience, scheduled).await {
            refresh.poll_rests.store(scheduled, Ordering::Relaxed);
        }
        if let Ok(Ok(rows)) = timeout(refresh.patience, warn_definition::load_all(&refresh.db)).await {
            let _ = refresh
                .workers
                .send(MsgWarnNames(Arc::new(WarnNames::from_rows(rows))))
                .await;
        }
    }
}

impl Refresh {
    async fn assets(&mut self) {
        let asked = self.inserter.send(MsgGetAllCompany {
            known: self.digests.clone(),
        });
        let changed = match timeout(self.patience, asked).await {
            Ok(Ok(Ok(changed))) => Some(changed),
            Ok(Ok(Err(error))) => {
                debug!(%error, "assets stay as they are known");
                None
            }
            // It hangs, or the service stops.
            Ok(Err(_)) | Err(_) => None,
        };
        // Asked for after the database's answer, so that whatever that has of our own adoptions is among them, and
        // taken over before it: the workers know them already, and must hear if one is deleted by now.
        let mut changes = self.assets.apply(&self.ids.take_adopted());
        if let Some(ChangedAssets { digests, versions }) = changed {
            if let Some(largest) = versions.iter().map(|v| v.device_id).max() {
                self.ids.stay_above(largest);
            }
            changes.extend(self.assets.apply(&versions));
            self.digests = digests;
        }
        if !changes.is_empty() {
            let _ = self.workers.send(MsgConfirmThisLogin(changes)).await;
        }
    }
}
