//! One batch to every pile, at the connector's default rate: until the last one has it.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use testkit::wait_until;

use super::fleet::Told;
use super::site::Site;
use super::summary::{ms_between, now_us};

const COMMAND: &str = "SIM卡召唤";
const UNTIL_FINISHED: Duration = Duration::from_secs(600);

/// A batch that has finished.
pub(super) struct Asked {
    /// Unix µs.
    began: u64,
    /// Seconds until its state was `finished`.
    finished_s: f64,
}

/// Makes the batch and waits for its end.
pub(super) async fn ask_all(site: &Site) -> anyhow::Result<Asked> {
    let body = json!({ "command": COMMAND, "selection": { "all": true }, "timeout_s": 300 });
    let began = now_us();
    let made = site.client.post("/command/batch/send", &body).await?;
    let batch_id = made["batch_id"].as_u64().context("no batch_id")?;
    let path = format!("/command/batch/detail?batch_id={batch_id}");
    wait_until(UNTIL_FINISHED, async || {
        let batch = site.client.data(&path).await.unwrap_or_default();
        batch.to_string().contains(r#""state":"finished""#)
    })
    .await
    .context("the batch does not finish")?;
    Ok(Asked {
        began,
        finished_s: ms_between(began, now_us()) / 1000.0,
    })
}

/// Fails if a pile did not hear it, or heard it twice.
pub(super) fn report(asked: &Asked, told: &Told, piles: u32) -> anyhow::Result<()> {
    let heard: Vec<_> = told.of(COMMAND).collect();
    let seconds = |at: u64| ms_between(asked.began, at) / 1000.0;
    let last = heard.iter().map(|one| one.heard_us).max().unwrap_or(0);
    let answered = heard.iter().filter_map(|one| one.answered_us);
    println!(
        "a batch to {piles} piles: all have it after {:.1} s (bar 60 s), all have answered after {:.1} s, finished after {:.1} s",
        seconds(last),
        seconds(answered.clone().max().unwrap_or(0)),
        asked.finished_s,
    );
    let repeated = heard.iter().filter(|one| one.times > 1).count();
    anyhow::ensure!(
        heard.len() == piles as usize && repeated == 0 && answered.count() == heard.len(),
        "{} commands were heard, {repeated} of them more than once",
        heard.len()
    );
    let counts = &told.report["commands"][COMMAND];
    anyhow::ensure!(
        counts["most_of_one_pile"] == 1,
        "a pile was asked twice: {counts}"
    );
    Ok(())
}
