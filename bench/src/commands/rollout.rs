//! A package and a campaign that brings it to piles, from the upload to the last pile's final state.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};
use store::ota::{CampaignState, PileState};

use super::site::Site;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Bytes that are no text and that no two packages share.
pub(super) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed << 1 | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(next).collect()
}

/// Uploads a program; its package_id.
pub(super) async fn upload(site: &Site, version: &str, bytes: &[u8]) -> anyhow::Result<u64> {
    let path = "/ota/firmware/upload";
    let file = format!("{version}.bin");
    let fields = [("version", version)];
    let package = site.client.upload(path, &fields, &file, bytes).await?;
    package["package_id"].as_u64().context("no package_id")
}

/// A campaign that was started.
pub(super) struct Rollout {
    pub(super) campaign_id: u64,
    began: Instant,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) seconds: f64,
    pub(super) state: String,
    pub(super) reason: String,
    /// Piles by state and reason.
    pub(super) piles: BTreeMap<(String, String), u64>,
}

impl Rollout {
    /// Adds it and starts it.
    pub(super) async fn start(
        site: &Site,
        package_id: u64,
        selection: Value,
        plan: Value,
    ) -> anyhow::Result<Self> {
        let body = json!({
            "name": format!("bench {package_id}"), "package_id": package_id, "plan": plan, "selection": selection,
        });
        let added = site.client.post("/ota/campaign/add", &body).await?;
        let campaign_id = added["campaign_id"].as_u64().context("no campaign_id")?;
        let began = Instant::now();
        let body = json!({ "campaign_id": campaign_id });
        site.client.post("/ota/campaign/start", &body).await?;
        Ok(Self { campaign_id, began })
    }

    /// Waits until it has ended by itself and every pile stays as it is.
    pub(super) async fn ended(&self, site: &Site, within: Duration) -> anyhow::Result<Ended> {
        loop {
            let (state, reason) = self.state(site).await?;
            let piles = self.piles(site).await?;
            let is_over = |state: &str| PileState::parse(state).is_some_and(PileState::is_final);
            let all_over = piles.keys().all(|(state, _)| is_over(state));
            let campaign_over = CampaignState::parse(&state).is_some_and(CampaignState::is_final);
            let halted = CampaignState::parse(&state) == Some(CampaignState::Halted);
            if (campaign_over && all_over) || halted {
                return Ok(Ended {
                    seconds: self.began.elapsed().as_secs_f64(),
                    state,
                    reason,
                    piles,
                });
            }
            anyhow::ensure!(
                self.began.elapsed() < within,
                "the campaign is still {state} ({reason}) after {within:?}: {piles:?}"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn state(&self, site: &Site) -> anyhow::Result<(String, String)> {
        let sql = "SELECT toString(state), reason FROM ota_campaign FINAL WHERE campaign_id = ?";
        let query = site.stack.clickhouse().query(sql).bind(self.campaign_id);
        Ok(query.fetch_one::<(String, String)>().await?)
    }

    async fn piles(&self, site: &Site) -> anyhow::Result<BTreeMap<(String, String), u64>> {
        let sql = "SELECT toString(state), reason, count() FROM ota_campaign_pile FINAL \
            WHERE campaign_id = ? GROUP BY ALL";
        let query = site.stack.clickhouse().query(sql).bind(self.campaign_id);
        let rows = query.fetch_all::<(String, String, u64)>().await?;
        let by_state = rows
            .into_iter()
            .map(|(state, reason, count)| ((state, reason), count));
        Ok(by_state.collect())
    }
}

impl Ended {
    /// What became of how many.
    pub(super) fn print(&self) {
        println!("  {} after {:.0} s {}", self.state, self.seconds, self.reason);
        for ((state, reason), count) in &self.piles {
            println!("  {count:>6} {state:<20} {reason}");
        }
    }
}
