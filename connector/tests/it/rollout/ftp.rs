//! Campaigns over FTP, ours and vsftpd: fetched, checked, restarted, logged in, charged; logs brought meanwhile.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use store::Conditions;
use store::ota::{Deadlines, Plan};
use store::table::log_content;
use store::table::log_file::{LogFile, State};
use store::table::ota_campaign_pile::OtaCampaignPile;
use store::versioned::{self, now};
use tokio::task::JoinHandle;

use super::{all_have_ended, everybody, is_updated, program};
use crate::campaigns::{CAMPAIGN, NEW, begin, rows, until_campaign, upload, within};
use crate::ftp_site::Site;
use crate::world::{LATER, Simulated, World, until, uuid};

const BYTES: usize = 700_001;

/// How much is tried at once.
#[derive(Debug, Clone, Copy)]
struct Run {
    piles: u64,
    /// So many of them are asked for a log while they are updated.
    logs: u64,
    /// What goes wrong, each with a share of the piles.
    faults: &'static str,
    /// For a download, an update, a login: short only where piles are to be late.
    patience_s: u32,
    soak_s: u32,
}

/// Some piles find another MD5.
const SHORT: Run = Run {
    piles: 12,
    logs: 6,
    faults: "wrong-md5=0.25",
    patience_s: 600,
    soak_s: 10,
};
/// The same, and piles that answer under another's number, twice, late, in the wrong order, or without being asked.
const LONG: Run = Run {
    piles: 30,
    logs: 12,
    faults: "wrong-md5=0.1,foreign-reqid=0.1,twice=0.15,late=0.15,wrong-order=0.15,unasked=0.15",
    patience_s: 60,
    soak_s: 60,
};

/// Asks the first piles for their logs.
async fn summon(world: &World, piles: u64) -> anyhow::Result<()> {
    let log = |nth| LogFile {
        timestamp: now(),
        log_id: nth,
        device_id: nth,
        uuid: uuid(nth),
        file_name: "a.log".into(),
        state: State::Requested.to_string(),
        created_by: "zhang".into(),
        created_time: now(),
        deadline: now() + 150_000,
        ..LogFile::default()
    };
    world.insert(&(1..=piles).map(log).collect::<Vec<_>>()).await?;
    world.wake("log").await
}

async fn logs(world: &World) -> anyhow::Result<Vec<LogFile>> {
    Ok(versioned::present(&world.db, &Conditions::new()).await?)
}

async fn rolls_out(site: Site, run: Run) -> anyhow::Result<()> {
    let world = World::start_with(run.piles, &site.settings).await?;
    let faults = format!("--log-bytes 200000 --late 5s --fault {}", run.faults);
    let piles = Simulated::start(&world, run.piles, &faults).await?;
    upload(&world, NEW, "1.0.8", &program(BYTES)).await?;
    let patient = Plan {
        canary_soak_s: run.soak_s,
        max_attempts: 1,
        deadlines: Deadlines {
            download_s: run.patience_s,
            update_s: run.patience_s,
            login_s: 2 * run.patience_s,
            eligible_s: 2 * run.patience_s,
            downloaded_s: 2 * run.patience_s,
            ..everybody().deadlines
        },
        ..everybody()
    };
    begin(&world, CAMPAIGN, 1..=run.piles, &patient).await?;
    summon(&world, run.logs).await?;
    let ended = within(&world, 2 * LATER, "it ends", |row| row.finished_time > 0).await?;
    assert_eq!(ended.state, "finished", "{}", ended.reason);
    until("the logs come to their end", 2 * LATER, async || {
        logs(&world).await.is_ok_and(|logs| {
            let is_over = |log: &LogFile| log.state().is_some_and(State::is_final);
            logs.iter().filter(|log| is_over(log)).count() == run.logs as usize
        })
    })
    .await?;
    let told = piles.end().await?;
    let rows: Vec<OtaCampaignPile> = rows(&world).await?;
    all_have_ended(&rows);
    let ends = |state: &str, reason: &str| {
        let so = |pile: &&OtaCampaignPile| pile.state == state && pile.reason.contains(reason);
        rows.iter().filter(so).count() as u64
    };
    let faulty = |fault: &str| told.report["done"]["faulty"][fault].as_u64().unwrap_or(0);
    let (wrong, foreign) = (faulty("wrong-md5"), faulty("foreign-reqid"));
    for fault in run.faults.split(',').filter_map(|fault| fault.split('=').next()) {
        assert!(faulty(fault) > 0, "no pile is {fault}: {}", told.report["done"]);
    }
    assert_eq!(ends("failed", "MD5校验失败"), wrong, "{rows:#?}");
    assert_eq!(ends("timed_out", "下载"), foreign, "{rows:#?}");
    let updated = rows.iter().filter(|pile| is_updated(pile)).count() as u64;
    assert_eq!(updated, run.piles - wrong - foreign, "{rows:#?}");
    assert_eq!(told.report["done"]["updated_to"]["1.0.8"], updated);
    // A simulated charge of a second seems to have begun half a minute ago: before the login, at first.
    if run.soak_s >= 60 {
        assert!(ends("succeeded", "") > 0, "some have charged: {rows:#?}");
    }
    assert_eq!(
        (told.did("updates"), told.did("most_updates_of_one_pile")),
        (updated, 1)
    );
    assert!(told.did("download_bytes") >= updated * BYTES as u64);
    for pile in &rows {
        let updates = told.commands_of(pile.device_id, "更新程序并重启");
        assert_eq!(updates, usize::from(is_updated(pile)), "{pile:?}");
    }
    let logs = logs(&world).await?;
    for log in &logs {
        if log.state() == Some(State::Collected) {
            let text = log_content::read(&world.db, log.log_id, 0, log.chunks).await?;
            assert_eq!(text.len() as u64, log.text_bytes, "{log:?}");
            assert!(log.collected_bytes >= 2048 && !text.is_empty(), "{log:?}");
        } else {
            assert!(!log.reason.is_empty(), "{log:?}");
        }
    }
    let collected = logs.iter().filter(|log| log.state() == Some(State::Collected));
    assert!(collected.count() * 2 > run.logs as usize, "{logs:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_goes_through_over_the_embedded_server() -> anyhow::Result<()> {
    rolls_out(Site::embedded()?, SHORT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_goes_through_over_vsftpd() -> anyhow::Result<()> {
    rolls_out(Site::vsftpd().await?, SHORT).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes: make test-long"]
async fn a_campaign_with_every_fault_ends_over_the_embedded_server() -> anyhow::Result<()> {
    rolls_out(Site::embedded()?, LONG).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes: make test-long"]
async fn a_campaign_with_every_fault_ends_over_vsftpd() -> anyhow::Result<()> {
    rolls_out(Site::vsftpd().await?, LONG).await
}

/// Cuts the first file of this name below a folder down to a part, once it is there. It is there whole: the
/// connector writes it aside and renames it.
fn cut_down(folder: PathBuf, name: &'static str, bytes: u64) -> JoinHandle<std::io::Result<()>> {
    fn find(folder: &Path, name: &str) -> Option<PathBuf> {
        let entries = std::fs::read_dir(folder).ok()?;
        entries.flatten().find_map(|entry| {
            let path = entry.path();
            match path.is_dir() {
                true => find(&path, name),
                false => path.ends_with(name).then_some(path),
            }
        })
    }
    let deadline = Instant::now() + LATER;
    tokio::spawn(async move {
        while Instant::now() < deadline {
            let found = find(&folder, name);
            let file = found.and_then(|file| std::fs::OpenOptions::new().write(true).open(file).ok());
            if let Some(file) = file
                && file.metadata()?.len() > bytes
            {
                return file.set_len(bytes);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(std::io::ErrorKind::NotFound.into())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_on_the_server_is_put_there_and_fetched_again() -> anyhow::Result<()> {
    let site = Site::vsftpd().await?;
    let world = World::start_with(3, &site.settings).await?;
    // Slowly, so that the cut comes before the end.
    let piles = Simulated::start(&world, 3, "--ftp-rate 150000").await?;
    upload(&world, NEW, "1.0.8", &program(BYTES)).await?;
    let plan = Plan {
        canary_soak_s: 5,
        max_attempts: 3,
        max_at_once: 1,
        ..everybody()
    };
    let root = site.folder.path().join("vsftpd/root");
    let cutting = cut_down(root, "ac8.bin", 40_000);
    begin(&world, CAMPAIGN, 1..=3, &plan).await?;
    let ended = until_campaign(&world, "it ends", |row| row.finished_time > 0).await?;
    assert_eq!(ended.state, "finished", "{}", ended.reason);
    cutting.await??;
    let told = piles.end().await?;
    let rows: Vec<OtaCampaignPile> = rows(&world).await?;
    assert!(rows.iter().all(is_updated), "{rows:#?}");
    let attempts: Vec<u8> = rows.iter().map(|pile| pile.attempt).collect();
    assert_eq!(
        attempts.iter().filter(|attempt| **attempt > 1).count(),
        1,
        "{rows:#?}"
    );
    let failures = &told.report["done"]["download_failures"];
    assert!(
        failures.as_object().is_some_and(|failures| !failures.is_empty()),
        "{failures}"
    );
    Ok(())
}
