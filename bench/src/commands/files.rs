//! Many piles fetch a package of 5 MB from the embedded FTP server at once, while others send their logs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::Options;
use super::fleet::{Fleet, Told};
use super::rollout::{Rollout, noise, upload};
use super::site::Site;
use super::summary::{line, ms_between};
use crate::platform::{cpu_seconds, resident_mib};

/// Size of the package.
const BYTES: usize = 5_000_000;
/// Piles that are asked for a log meanwhile, for every four that fetch.
const LOGS_PER_FOUR: usize = 1;
const WITHIN: Duration = Duration::from_secs(1200);

/// What was seen from outside the fleet.
pub(super) struct Carried {
    fetching: usize,
    logs: usize,
    collected: u64,
    connector_mib: f64,
    connector_cpu_s: f64,
}

/// Asks the first piles for the one, the next for the other, and waits for both.
pub(super) async fn carry(site: &Site, fleet: &Fleet, options: &Options) -> anyhow::Result<Carried> {
    let mut uuids: Vec<&String> = fleet.piles.keys().collect();
    uuids.sort();
    let fetching = (options.fetching as usize).min(uuids.len() * 4 / 5);
    let logs = fetching * LOGS_PER_FOUR / 4;
    let package_id = upload(site, "V5.0.0", &noise(BYTES, 5)).await?;
    let pid = site.connector.pid()?;
    let cpu = cpu_seconds(pid)?;
    let memory = Peak::of(pid);
    let plan = json!({
        "canary_percent": 100, "canary_soak_s": 1, "stages": [], "control_percent": 0, "max_at_once": fetching,
        "rail": { "enabled": false },
    });
    let rollout = Rollout::start(site, package_id, json!({ "uuids": uuids[..fetching] }), plan).await?;
    let selection = json!({ "uuids": uuids[fetching..fetching + logs] });
    let summoned = json!({ "selection": selection, "file_name": "a.log", "deadline_s": 900 });
    site.client.post("/log/summon", &summoned).await?;
    let ended = rollout.ended(site, WITHIN).await?;
    println!("{fetching} piles fetch {BYTES} bytes at once, {logs} send a log meanwhile:");
    ended.print();
    let settled =
        "SELECT countIf(toString(state) IN ('collected', 'failed', 'cancelled')) FROM log_file FINAL";
    testkit::wait_until(WITHIN, async || {
        count(site, settled).await.is_ok_and(|done| done >= logs as u64)
    })
    .await?;
    let collected = "SELECT countIf(toString(state) = 'collected') FROM log_file FINAL";
    Ok(Carried {
        fetching,
        logs,
        collected: count(site, collected).await?,
        connector_mib: memory.end().await,
        connector_cpu_s: cpu_seconds(pid)? - cpu,
    })
}

async fn count(site: &Site, sql: &str) -> anyhow::Result<u64> {
    Ok(site.stack.clickhouse().query(sql).fetch_one::<u64>().await?)
}

/// Fails unless every pile got the right file once and every log arrived.
pub(super) fn report(carried: &Carried, told: &Told) -> anyhow::Result<()> {
    let heard: Vec<_> = told.of("下载").collect();
    let begun = heard.iter().map(|one| one.heard_us).min().unwrap_or(0);
    let done = heard
        .iter()
        .filter_map(|one| one.answered_us)
        .max()
        .unwrap_or(begun);
    let seconds = ms_between(begun, done) / 1000.0;
    let piles = &told.report["done"];
    let bytes = piles["download_bytes"].as_f64().unwrap_or(0.0);
    println!(
        "  all have it after {seconds:.1} s, {:.0} MB/s; connector: {:.0} MiB at most, {:.1} s of processor",
        bytes / 1e6 / seconds,
        carried.connector_mib,
        carried.connector_cpu_s
    );
    let mut each: Vec<f64> = heard
        .iter()
        .filter_map(|one| Some(ms_between(one.heard_us, one.answered_us?)))
        .collect();
    println!("  {}", line("下载 until 下载应答", &mut each, ""));
    let mut logs: Vec<f64> = told
        .of("日志召唤")
        .filter_map(|one| Some(ms_between(one.heard_us, one.answered_us?)))
        .collect();
    println!("  {}", line("日志召唤 until 日志上传完成", &mut logs, ""));
    anyhow::ensure!(
        piles["downloads"] == carried.fetching && carried.collected == carried.logs as u64,
        "{} of {} downloads, {} of {} logs: {piles}",
        piles["downloads"],
        carried.fetching,
        carried.collected,
        carried.logs
    );
    anyhow::ensure!(
        piles["most_updates_of_one_pile"] == 1,
        "a pile was updated twice: {piles}"
    );
    Ok(())
}

/// The most memory that a process has while it is watched.
struct Peak {
    over: Arc<AtomicBool>,
    watching: tokio::task::JoinHandle<f64>,
}

impl Peak {
    fn of(pid: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let watching = tokio::spawn(async move {
            let mut most = 0.0_f64;
            while !seen.load(Ordering::Relaxed) {
                most = most.max(resident_mib(pid).unwrap_or(0.0));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            most
        });
        Self { over, watching }
    }

    async fn end(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.watching.await.unwrap_or(f64::NAN)
    }
}
