//! Campaigns end by themselves, whoever is killed; a bad package is halted and taken back; people are obeyed.

use store::ota::{PileState, Plan, Request, report};
use store::table::firmware_package::FirmwarePackage;
use store::table::ota_campaign::OtaCampaign;
use store::table::ota_campaign_event::OtaCampaignEvent;
use store::table::ota_campaign_figure::OtaCampaignFigure;
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::versioned;

use crate::campaigns::{
    CAMPAIGN, NEW, ask, ask_of, begin, in_state, quick, rows, rows_of, start, until_campaign, upload,
};
use crate::ftp_site::Site;
use crate::world::{Fleet, LATER, Trouble, World, until};

/// With the embedded FTP server, which gives downloads their accounts; these piles do not fetch.
async fn world(site: &Site) -> anyhow::Result<World> {
    World::start_with(40, &site.settings).await
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

#[tokio::test]
async fn a_pile_is_in_one_campaign_at_a_time() -> anyhow::Result<()> {
    const OTHER: u64 = CAMPAIGN + 1;
    let site = Site::embedded()?;
    let world = world(&site).await?;
    let fleet = Fleet::start(&world, 40, "none", &[]).await?;
    let one_by_one = Plan {
        max_at_once: 1,
        ..quick()
    };
    start(&world, 20, &one_by_one).await?;
    until_campaign(&world, "it runs", |row| row.state == "running").await?;
    // As though two people had asked the web server at once: it has let both through.
    begin(&world, OTHER, 20..=40, &one_by_one).await?;
    until("the second one is refused", LATER, async || {
        let events = rows_of::<OtaCampaignEvent>(&world, OTHER)
            .await
            .unwrap_or_default();
        events.iter().any(|event| {
            event.outcome == "refused" && event.text.contains("1桩") && event.text.contains("5001")
        })
    })
    .await?;
    let other: Vec<OtaCampaign> = rows_of(&world, OTHER).await?;
    assert_eq!(other[0].state, "draft");
    assert!(fleet.downloads()[20..].iter().all(|told| *told == 0));
    ask(&world, 2, Request::Abort).await?;
    until_campaign(&world, "the first ends", |row| row.finished_time > 0).await?;
    ask_of(&world, OTHER, 2, Request::Start).await?;
    until("then the second begins", LATER, async || {
        let other = rows_of::<OtaCampaign>(&world, OTHER).await.unwrap_or_default();
        other.iter().any(|other| other.state == "running")
    })
    .await?;
    Ok(())
}

async fn reaches_nobody(what: &str, spoil: impl Fn(&mut FirmwarePackage)) -> anyhow::Result<()> {
    let site = Site::embedded()?;
    let world = world(&site).await?;
    let fleet = Fleet::start(&world, 8, "none", &[]).await?;
    let mut package = upload(&world, NEW, "1.0.8", b"not what was registered").await?;
    spoil(&mut package);
    package.timestamp = versioned::now();
    world.insert(&[package]).await?;
    let half = Plan {
        canary_percent: 100,
        ..quick()
    };
    begin(&world, CAMPAIGN, 1..=8, &half).await?;
    let halted = until_campaign(&world, "it is halted", |row| row.state == "halted").await?;
    assert!(halted.reason.contains("失败预算"), "{}", halted.reason);
    let piles: Vec<OtaCampaignPile> = rows(&world).await?;
    let failed: Vec<_> = piles.iter().filter(|pile| pile.state == "failed").collect();
    assert_eq!(failed.len(), 3, "the canary: {piles:?}");
    assert!(
        failed.iter().all(|pile| pile.reason.contains(what)),
        "{what}: {failed:?}"
    );
    assert_eq!(fleet.downloads().iter().sum::<usize>(), 0);
    Ok(())
}

#[tokio::test]
async fn a_package_that_is_cut_off_where_it_is_kept_reaches_nobody() -> anyhow::Result<()> {
    reaches_nobody("字节数", |package| package.bytes += 1000).await
}

#[tokio::test]
async fn a_package_whose_md5_is_another_reaches_nobody() -> anyhow::Result<()> {
    reaches_nobody("MD5", |package| package.md5 = "0".repeat(32)).await
}
