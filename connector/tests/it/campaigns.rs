//! The rows of campaigns, as the web server writes them, and what is read of them.

use std::ops::RangeInclusive;
use std::time::Duration;

use md5::{Digest as _, Md5};
use store::Conditions;
use store::ota::{Deadlines, PileState, Plan, Rail, Request, Stage, report};
use store::table::firmware_chunk;
use store::table::firmware_package::{FirmwarePackage, PROGRAM};
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::OtaCampaignEvent;
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::versioned::{self, Versioned, now};

use crate::world::{LATER, World, until, uuid};

/// The campaign of most tests.
pub(crate) const CAMPAIGN: u64 = 5001;
/// Package 1.0.8, which is rolled out.
pub(crate) const NEW: u64 = 8;
/// Package 1.0.7, which the piles have.
pub(crate) const OLD: u64 = 7;

/// Everything in seconds instead of hours; deadlines that a busy machine keeps.
pub(crate) fn quick() -> Plan {
    Plan {
        canary_percent: 30,
        canary_count: 0,
        canary_soak_s: 12,
        stages: vec![Stage {
            percent: 100,
            soak_s: 12,
        }],
        control_percent: 25,
        max_at_once: 50,
        max_attempts: 2,
        failure_budget_percent: 60,
        settled_percent: 80,
        deadlines: Deadlines {
            eligible_s: 120,
            download_s: 25,
            downloaded_s: 120,
            update_s: 25,
            login_s: 25,
            campaign_s: 600,
        },
        rail: Rail {
            min_starts: 20,
            data_wait_s: 120,
            slot_s: 4,
            sample_s: 2,
            ..Rail::default()
        },
        ..Plan::default()
    }
}

/// Uploads a package as the web server does: its content, then its row.
pub(crate) async fn upload(
    world: &World,
    package_id: u64,
    version: &str,
    bytes: &[u8],
) -> anyhow::Result<FirmwarePackage> {
    firmware_chunk::write(&world.db, package_id, 0, bytes).await?;
    let package = FirmwarePackage {
        timestamp: 1,
        package_id,
        name: version.into(),
        file_type: PROGRAM.into(),
        version: version.into(),
        file_name: format!("ac{package_id}.bin"),
        bytes: bytes.len() as u64,
        chunks: firmware_chunk::chunks_of(bytes.len() as u64),
        md5: hex::encode(Md5::digest(bytes)),
        sha256: hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes)),
        ..FirmwarePackage::default()
    };
    world.insert(std::slice::from_ref(&package)).await?;
    Ok(package)
}

/// Small packages, then [`begin`] with the first piles.
pub(crate) async fn start(world: &World, piles: u64, plan: &Plan) -> anyhow::Result<()> {
    upload(world, NEW, "1.0.8", "1.0.8".repeat(1000).as_bytes()).await?;
    upload(world, OLD, "1.0.7", "1.0.7".repeat(1000).as_bytes()).await?;
    begin(world, CAMPAIGN, 1..=piles, plan).await
}

/// A draft with its piles, as the web server writes it, and the request to start it.
pub(crate) async fn begin(
    world: &World,
    campaign_id: u64,
    piles: RangeInclusive<u64>,
    plan: &Plan,
) -> anyhow::Result<()> {
    let pile = |nth| OtaCampaignPile {
        timestamp: now(),
        model: "DC-120".into(),
        from_version: "1.0.7".into(),
        ..OtaCampaignPile::chosen(campaign_id, nth, uuid(nth))
    };
    let rows: Vec<_> = piles.map(pile).collect();
    let draft = OtaCampaign {
        timestamp: now(),
        campaign_id,
        name: "试".into(),
        package_id: NEW,
        version: "1.0.8".into(),
        rollback_package_id: OLD,
        rollback_version: "1.0.7".into(),
        plan: plan.to_json(),
        state: "draft".into(),
        total: rows.len() as u32,
        created_time: now(),
        ..OtaCampaign::default()
    };
    world.insert(&rows).await?;
    world.insert(&[draft]).await?;
    ask_of(world, campaign_id, 1, Request::Start).await
}

/// Asks something of [`CAMPAIGN`].
pub(crate) async fn ask(world: &World, event_id: u64, asked: Request) -> anyhow::Result<()> {
    ask_of(world, CAMPAIGN, event_id, asked).await
}

/// Asks something of a campaign.
pub(crate) async fn ask_of(
    world: &World,
    campaign_id: u64,
    event_id: u64,
    asked: Request,
) -> anyhow::Result<()> {
    let event = OtaCampaignEvent::request(campaign_id, event_id, asked, "zhang", now());
    world.insert(&[event]).await?;
    // Redis may be away on purpose: the room looks by itself.
    let _ = world.wake("ota").await;
    Ok(())
}

/// Rows of [`CAMPAIGN`].
pub(crate) async fn rows<T: Versioned>(world: &World) -> anyhow::Result<Vec<T>> {
    rows_of(world, CAMPAIGN).await
}

/// Rows of a campaign.
pub(crate) async fn rows_of<T: Versioned>(world: &World, campaign_id: u64) -> anyhow::Result<Vec<T>> {
    let these = Conditions::new().and("campaign_id = ?", [campaign_id.into()]);
    Ok(versioned::present::<T>(&world.db, &these).await?)
}

/// [`CAMPAIGN`] as it is now.
pub(crate) async fn campaign(world: &World) -> anyhow::Result<OtaCampaign> {
    let campaigns = rows::<OtaCampaign>(world).await?;
    campaigns
        .into_iter()
        .next()
        .ok_or_else(|| anyhow::anyhow!("the campaign is gone"))
}

/// Waits until [`CAMPAIGN`] is so.
pub(crate) async fn until_campaign(
    world: &World,
    what: &str,
    is: impl Fn(&OtaCampaign) -> bool,
) -> anyhow::Result<OtaCampaign> {
    within(world, LATER, what, is).await
}

/// The same, with another patience.
pub(crate) async fn within(
    world: &World,
    patience: Duration,
    what: &str,
    is: impl Fn(&OtaCampaign) -> bool,
) -> anyhow::Result<OtaCampaign> {
    let reached = until(what, patience, async || {
        campaign(world).await.is_ok_and(|row| is(&row))
    })
    .await;
    let row = campaign(world).await?;
    if let Err(error) = reached {
        let piles = rows::<OtaCampaignPile>(world).await?;
        let report = report(&row, &piles, &rows(world).await?, &rows(world).await?);
        anyhow::bail!("{error}\n{row:?}\n{report:#?}\n{}", world.connector.log());
    }
    Ok(row)
}

/// How many are in this state.
pub(crate) fn in_state(piles: &[OtaCampaignPile], state: PileState) -> usize {
    piles.iter().filter(|pile| pile.state == state.as_str()).count()
}
