//! Campaigns end by themselves, whoever is killed; a bad package is halted and taken back; people are obeyed.

use md5::{Digest as _, Md5};
use store::Conditions;
use store::ota::{Deadlines, PileState, Plan, Rail, Request, Stage, report};
use store::table::firmware_chunk;
use store::table::firmware_package::{FirmwarePackage, PROGRAM};
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::OtaCampaignEvent;
use store::table::ota_campaign_figure::OtaCampaignFigure;
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::versioned::{self, Versioned, now};

use crate::ftp_site::Site;
use crate::world::{Fleet, LATER, Trouble, World, until, uuid};

const CAMPAIGN: u64 = 5001;
const NEW: u64 = 8;
const OLD: u64 = 7;

/// Everything in seconds instead of hours; deadlines that a busy machine keeps.
fn quick() -> Plan {
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
async fn upload(world: &World, package_id: u64, version: &str) -> anyhow::Result<()> {
    let bytes = version.repeat(1000).into_bytes();
    firmware_chunk::write(&world.db, package_id, 0, &bytes).await?;
    let package = FirmwarePackage {
        timestamp: 1,
        package_id,
        name: version.into(),
        file_type: PROGRAM.into(),
        version: version.into(),
        file_name: format!("ac{package_id}.bin"),
        bytes: bytes.len() as u64,
        chunks: firmware_chunk::chunks_of(bytes.len() as u64),
        md5: hex::encode(Md5::digest(&bytes)),
        sha256: hex::encode(ring::digest::digest(&ring::digest::SHA256, &bytes)),
        ..FirmwarePackage::default()
    };
    world.insert(&[package]).await
}

/// With the embedded FTP server, which gives downloads their accounts; these piles do not fetch.
async fn world(site: &Site) -> anyhow::Result<World> {
    World::start_with(40, &site.settings).await
}

/// A draft with its piles, as the web server writes it, and the request to start it.
async fn start(world: &World, piles: u64, plan: &Plan) -> anyhow::Result<()> {
    upload(world, NEW, "1.0.8").await?;
    upload(world, OLD, "1.0.7").await?;
    let pile = |nth| OtaCampaignPile {
        timestamp: now(),
        model: "DC-120".into(),
        from_version: "1.0.7".into(),
        ..OtaCampaignPile::chosen(CAMPAIGN, nth, uuid(nth))
    };
    world.insert(&(1..=piles).map(pile).collect::<Vec<_>>()).await?;
    let draft = OtaCampaign {
        timestamp: now(),
        campaign_id: CAMPAIGN,
        name: "试".into(),
        package_id: NEW,
        version: "1.0.8".into(),
        rollback_package_id: OLD,
        rollback_version: "1.0.7".into(),
        plan: plan.to_json(),
        state: "draft".into(),
        total: piles as u32,
        created_time: now(),
        ..OtaCampaign::default()
    };
    world.insert(&[draft]).await?;
    ask(world, 1, Request::Start).await
}

async fn ask(world: &World, event_id: u64, asked: Request) -> anyhow::Result<()> {
    let event = OtaCampaignEvent::request(CAMPAIGN, event_id, asked, "zhang", now());
    world.insert(&[event]).await?;
    world.wake("ota").await
}

async fn rows<T: Versioned>(world: &World) -> anyhow::Result<Vec<T>> {
    let these = Conditions::new().and("campaign_id = ?", [CAMPAIGN.into()]);
    Ok(versioned::present::<T>(&world.db, &these).await?)
}

async fn campaign(world: &World) -> anyhow::Result<OtaCampaign> {
    let campaigns = rows::<OtaCampaign>(world).await?;
    campaigns
        .into_iter()
        .next()
        .ok_or_else(|| anyhow::anyhow!("the campaign is gone"))
}

async fn until_campaign(
    world: &World,
    what: &str,
    is: impl Fn(&OtaCampaign) -> bool,
) -> anyhow::Result<OtaCampaign> {
    let reached = until(what, LATER, async || {
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

fn in_state(piles: &[OtaCampaignPile], state: PileState) -> usize {
    piles.iter().filter(|pile| pile.state == state.as_str()).count()
}

#[tokio::test]
async fn a_campaign_ends_by_itself_though_the_connector_is_killed_in_the_middle() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let mut world = world(&site).await?;
    let troubles = [
        (3, Trouble::Deaf),
        (9, Trouble::NoDownload),
        (14, Trouble::KeepsVersion),
        (21, Trouble::StaysAway),
    ];
    let fleet = Fleet::start(&world, 40, "none", &troubles).await?;
    start(&world, 40, &quick()).await?;
    until("some piles are updated", LATER, async || {
        fleet.updates().iter().sum::<usize>() >= 2
    })
    .await?;
    world.connector.kill().await?;
    world.connector.start_again().await?;
    let ended = until_campaign(&world, "it ends", |row| row.finished_time > 0).await?;
    assert_eq!(ended.state, "finished", "{}", ended.reason);
    let piles: Vec<OtaCampaignPile> = rows(&world).await?;
    for pile in &piles {
        let state = PileState::parse(&pile.state).expect("a word that is known");
        assert!(state.is_final() && pile.finished_time > 0, "{pile:?}");
        let (nth, trouble) = (
            pile.device_id,
            troubles.iter().find(|(nth, _)| *nth == pile.device_id),
        );
        let wanted = match trouble {
            _ if state == PileState::Control => continue,
            Some((_, Trouble::Deaf | Trouble::StaysAway)) => PileState::TimedOut,
            Some((_, Trouble::NoDownload | Trouble::KeepsVersion)) => PileState::Failed,
            // On a busy machine its charges may be read behind its soak.
            None if state == PileState::SucceededUncharged => continue,
            None => PileState::Succeeded,
        };
        assert_eq!(state, wanted, "pile {nth}: {}", pile.reason);
        assert!(trouble.is_none() || !pile.reason.is_empty(), "{pile:?}");
    }
    assert_eq!(in_state(&piles, PileState::Control), 10);
    assert!(in_state(&piles, PileState::Succeeded) > 10);
    let (updates, downloads) = (fleet.updates(), fleet.downloads());
    for pile in &piles {
        let nth = pile.device_id as usize - 1;
        let told = (updates[nth], downloads[nth]);
        match pile.state.as_str() {
            "control" => assert_eq!(told, (0, 0), "{pile:?}"),
            "succeeded" | "succeeded_uncharged" => assert_eq!(told.0, 1, "{pile:?}"),
            _ => assert!(told.0 <= 1 && told.1 <= 2, "{pile:?}"),
        }
    }
    let report = report(&ended, &piles, &rows(&world).await?, &rows(&world).await?);
    assert_eq!((report.ended, report.control, report.stages.len()), (40, 10, 2));
    assert!(
        report
            .comparison
            .iter()
            .any(|look| look.measure == "boot_failures" && look.verdict == "fine")
    );
    let request = report.decisions.iter().find(|event| event.kind == "request");
    assert!(request.is_some_and(|request| request.outcome == "done"));
    Ok(())
}

#[tokio::test]
async fn a_bad_package_is_halted_with_its_figures_and_taken_back() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let world = world(&site).await?;
    let fleet = Fleet::start(&world, 40, "1.0.8", &[]).await?;
    let patient = Plan {
        canary_soak_s: 40,
        ..quick()
    };
    start(&world, 40, &patient).await?;
    let halted = until_campaign(&world, "it is halted", |row| row.state == "halted").await?;
    assert_eq!(halted.stage, 0, "at the canary");
    assert!(halted.reason.contains("启动失败率"), "{}", halted.reason);
    let figures: serde_json::Value = serde_json::from_str(&halted.figures)?;
    assert_eq!(figures[0]["measure"], "boot_failures");
    let rate = |side: &str| figures[0][side]["rate"].as_f64().unwrap_or_default();
    assert!(rate("updated") > 2.0 * rate("control"), "{figures}");
    let looks: Vec<OtaCampaignFigure> = rows(&world).await?;
    assert!(
        looks
            .iter()
            .any(|look| look.verdict == "worse" && look.p_value <= look.bound)
    );
    let updated = fleet
        .versions()
        .iter()
        .filter(|version| *version == "1.0.8")
        .count();
    assert_eq!(updated, 9, "the canary alone");

    ask(&world, 2, Request::Rollback).await?;
    let back = until_campaign(&world, "it has gone back", |row| row.finished_time > 0).await?;
    assert_eq!(back.state, "rolled_back");
    let piles: Vec<OtaCampaignPile> = rows(&world).await?;
    let states = [PileState::RolledBack, PileState::Skipped, PileState::Control];
    assert_eq!(states.map(|state| in_state(&piles, state)), [9, 21, 10]);
    assert!(fleet.versions().iter().all(|version| version == "1.0.7"));
    assert!(
        fleet.updates().iter().all(|updates| matches!(updates, 0 | 2)),
        "{:?}",
        fleet.updates()
    );
    Ok(())
}

#[tokio::test]
async fn people_pause_resume_and_abort() -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let world = world(&site).await?;
    let fleet = Fleet::start(&world, 40, "none", &[]).await?;
    let slow = Plan {
        max_at_once: 1,
        ..quick()
    };
    start(&world, 40, &slow).await?;
    until("the first are updated", LATER, async || {
        fleet.updates().iter().sum::<usize>() >= 1
    })
    .await?;
    ask(&world, 2, Request::Pause).await?;
    until_campaign(&world, "it pauses", |row| row.state == "paused").await?;
    let settled = until("what was begun ends", LATER, async || {
        let piles = rows::<OtaCampaignPile>(&world).await.unwrap_or_default();
        !piles.is_empty()
            && piles
                .iter()
                .all(|pile| PileState::parse(&pile.state).is_some_and(|state| !state.in_flight()))
    });
    settled.await?;
    let begun = fleet.downloads().iter().sum::<usize>();
    // Paused, a request that makes no sense is refused, and several turns begin nothing.
    ask(&world, 3, Request::Start).await?;
    until("the request is refused", LATER, async || {
        let events = rows::<OtaCampaignEvent>(&world).await.unwrap_or_default();
        events
            .iter()
            .any(|event| event.event_id == 3 && event.outcome == "refused" && !event.text.is_empty())
    })
    .await?;
    assert_eq!(fleet.downloads().iter().sum::<usize>(), begun);
    ask(&world, 4, Request::Resume).await?;
    until("it goes on", LATER, async || {
        fleet.downloads().iter().sum::<usize>() > begun
    })
    .await?;
    ask(&world, 5, Request::Abort).await?;
    let ended = until_campaign(&world, "it ends", |row| row.finished_time > 0).await?;
    assert_eq!(
        (ended.state.as_str(), ended.reason.as_str()),
        ("aborted", "zhang中止")
    );
    let piles: Vec<OtaCampaignPile> = rows(&world).await?;
    assert!(
        piles
            .iter()
            .all(|pile| PileState::parse(&pile.state).is_some_and(PileState::is_final))
    );
    assert!(in_state(&piles, PileState::Skipped) > 0);
    assert!(fleet.updates().iter().all(|updates| *updates <= 1));
    Ok(())
}
