//! What is asked for once and takes long: exports, imports, distributions.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use store::{Clickhouse, Conditions};

use super::client::Client;
use super::drive::held;
use crate::generate::top_organization;
use crate::platform::resident_mib;

const IMPORTED: u64 = 10_000;
const IMPORT_BAR: f64 = 10.0;
const DISTRIBUTION_BAR: f64 = 1.0;
/// More than this beside what the server had before, and memory would not be bounded.
const EXPORT_BAR_MIB: f64 = 100.0;

/// Measures all of it as 超管.
pub(crate) async fn run(client: &Client, db: &Clickhouse, server: u32) -> anyhow::Result<()> {
    println!("| what | measured | bar | held |\n| --- | --- | --- | --- |");
    for format in ["csv", "xlsx"] {
        export(client, server, format).await?;
    }
    import(client).await?;
    distribution(client, db).await
}

/// Of all assets; the server's memory is looked at all the while.
async fn export(client: &Client, server: u32, format: &str) -> anyhow::Result<()> {
    let before = resident_mib(server)?;
    let began = Instant::now();
    let path = format!("/asset/list?export={format}");
    let mut download = std::pin::pin!(client.download(&path));
    let mut most = before;
    let (bytes, lines) = loop {
        tokio::select! {
            read = &mut download => break read?,
            () = tokio::time::sleep(Duration::from_millis(20)) => most = most.max(resident_mib(server)?),
        }
    };
    let rows = if format == "csv" {
        format!("{} rows, ", lines.saturating_sub(1))
    } else {
        String::new()
    };
    println!(
        "| export of all assets as {format} | {rows}{} MiB in {:.1} s, {:.0} MiB more memory | {EXPORT_BAR_MIB} MiB | {} |",
        bytes >> 20,
        began.elapsed().as_secs_f64(),
        most - before,
        held(most - before < EXPORT_BAR_MIB)
    );
    Ok(())
}

async fn import(client: &Client) -> anyhow::Result<()> {
    let mut sheet = "资产名称,场站编号,型号,合同号\n".to_owned();
    for nth in 0..IMPORTED {
        let station = crate::generate::FIRST_STATION + 1 + nth % 500;
        sheet.push_str(&format!("导入{nth}号桩,{station},DC-120,HT-9\n"));
    }
    let began = Instant::now();
    let begun = client
        .upload("/asset/import", &[], "assets.csv", sheet.as_bytes())
        .await?;
    let id = begun["import_id"].as_str().context("an import has an id")?;
    let path = format!("/asset/import/progress?import_id={id}");
    let mut stages = Vec::new();
    let report = loop {
        let progress = client.data(&path).await?;
        let stage = progress["stage"].as_str().unwrap_or_default().to_owned();
        if stages.last() != Some(&stage) {
            stages.push(stage);
        }
        if !progress["report"].is_null() || progress["stage"] == "失败" {
            break progress;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let took = began.elapsed().as_secs_f64();
    anyhow::ensure!(report["report"]["is_done"] == true, "the import failed: {report}");
    println!(
        "| import of {IMPORTED} assets | {took:.1} s, told on the way: {} | {IMPORT_BAR} s | {} |",
        stages.join(", "),
        held(took < IMPORT_BAR)
    );
    Ok(())
}

/// The worst case: everything is taken from the top of the tree, and so from everybody below, then given back.
async fn distribution(client: &Client, db: &Clickhouse) -> anyhow::Result<()> {
    let organization_id = top_organization();
    let own = Conditions::new()
        .and("flag_del = 0", [])
        .and("organization_id = ?", [organization_id.into()]);
    let query = own.query(db, "SELECT sta_id FROM organization_station FINAL");
    let all: Vec<u64> = db.rows("the stations", query).await?;
    for (what, sta_ids) in [("all off", Vec::new()), ("all on", all.clone())] {
        let body = json!({ "organization_id": organization_id, "sta_ids": sta_ids });
        let began = Instant::now();
        client.post("/organization/station/distribution", &body).await?;
        let took = began.elapsed().as_secs_f64();
        println!(
            "| distribution to the top, {what}: {} stations | {took:.2} s | {DISTRIBUTION_BAR} s | {} |",
            all.len(),
            held(took < DISTRIBUTION_BAR)
        );
    }
    Ok(())
}
