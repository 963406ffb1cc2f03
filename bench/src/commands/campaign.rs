//! A campaign over the whole fleet, of which one pile in a hundred is flaky, one stuck, one restarts in the middle of
//! its download: it ends by itself, and every pile in a final state.

use std::time::Duration;

use serde_json::json;

use super::Options;
use super::fleet::Fleet;
use super::rollout::{Rollout, noise, upload};
use super::site::Site;

/// Small: what is measured is the campaign.
const BYTES: usize = 64 * 1024;
const WITHIN: Duration = Duration::from_secs(2 * 3600);
/// A pile charges about once a minute.
const LIVELY: [&str; 16] = [
    "--speed",
    "60",
    "--charge-rate",
    "1",
    "--longest-charge",
    "1m",
    "--warning-rate",
    "0",
    "--boot-failure-rate",
    "0.03",
    "--interval",
    "60s",
    "--software",
    "V1.0.0",
    "--fault",
    "flaky=0.01,stuck=0.01,reboot=0.01",
];

/// Runs it on a fleet of its own; fails if it does not end, or a pile was updated twice.
pub(super) async fn run(site: &Site, options: &Options) -> anyhow::Result<()> {
    let fleet = Fleet::start(site, options.piles, &LIVELY).await?;
    let package_id = upload(site, "V2.0.0", &noise(BYTES, 2)).await?;
    let plan = json!({
        "canary_percent": 5, "canary_soak_s": 180, "stages": [{ "percent": 50, "soak_s": 180 }, { "percent": 100, "soak_s": 180 }],
        "control_percent": 10, "max_at_once": 500,
        "deadlines": {
            "eligible_s": 900, "download_s": 60, "downloaded_s": 600, "update_s": 60, "login_s": 120, "campaign_s": 7000,
        },
        "rail": { "slot_s": 60, "sample_s": 10, "min_starts": 50, "data_wait_s": 900 },
    });
    let rollout = Rollout::start(site, package_id, json!({ "all": true }), plan).await?;
    let ended = rollout.ended(site, WITHIN).await;
    let told = fleet.end().await?;
    println!(
        "a campaign over {} piles, 1 % each flaky, stuck, restarting:",
        options.piles
    );
    let ended = ended?;
    ended.print();
    let done = &told.report["done"];
    println!(
        "  the piles: {} downloads, {} of them taken up again, {} updates, faults {}",
        done["downloads"], done["downloads_resumed"], done["updates"], done["faulty"]
    );
    anyhow::ensure!(ended.state == "finished", "it did not finish by itself");
    let piles: u64 = ended.piles.values().sum();
    anyhow::ensure!(
        piles == u64::from(options.piles),
        "{piles} of {} piles are in it",
        options.piles
    );
    anyhow::ensure!(
        done["most_updates_of_one_pile"].as_u64() <= Some(1),
        "a pile was updated twice: {done}"
    );
    Ok(())
}
