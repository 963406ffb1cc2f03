//! From factory number to running, through register and a broker behind its closed door.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use clap::Parser;
use common::shutdown::Shutdown;
use simulator::{Options, Registration, Report};
use testkit::wait_until;

use crate::site::Site;

const QUICK: &str = "--quiet --register --model DC120 --contract HT-1 --sn-prefix SN --register-retry 500ms \
    --speed 3000 --charge-rate 60 --boot-failure-rate 0.1 --interval 500ms --resend 2s --linger 60s --duration 3m";
const LATER: Duration = Duration::from_secs(120);

fn options(site: &Site, arguments: &str) -> Options {
    let broker = format!("127.0.0.1:{}", site.mosquitto.port());
    let credentials = site.stack.folder().join("fleet.json").display().to_string();
    let all = ["tcu_sim", "--brokers", &broker, "--credentials", &credentials];
    let all = all.into_iter().chain(QUICK.split_whitespace());
    Options::try_parse_from(all.chain(arguments.split_whitespace())).unwrap()
}

async fn simulate(site: &Site, arguments: &str) -> Report {
    simulator::run(options(site, arguments), Shutdown::new())
        .await
        .unwrap()
}

fn registration(report: &Report) -> &Registration {
    report.registration.as_ref().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_piles_come_from_factory_number_to_running_and_stay_who_they_are() -> anyhow::Result<()> {
    let site = Site::start("DC120:HT-1").await?;
    let fleet = "--piles 50 --charges 1 --stop-when-confirmed";
    let report = simulate(&site, fleet).await;
    let done = registration(&report);
    assert_eq!(
        (done.remembered, done.registered, done.held, done.refused),
        (0, 50, 0, 0),
        "{}\n{}",
        report.text(),
        site.register_log()
    );
    assert_eq!(
        (report.records.confirmed, report.exit_code()),
        (50, 0),
        "{}",
        report.text()
    );
    assert_eq!(done.running_after.count, 50);
    let known = "SELECT toUInt64(uniqExact(uuid)) FROM registration FINAL WHERE sn LIKE 'SN%'";
    assert_eq!(site.number(known).await?, 50);

    // Started again, it goes on with what it was given.
    let file = site.stack.folder().join("fleet.json");
    assert_eq!(std::fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    let report = simulate(&site, fleet).await;
    let again = registration(&report);
    assert_eq!(
        (
            again.remembered,
            again.registered,
            again.shut_out,
            report.records.confirmed
        ),
        (50, 0, 0, 50),
        "{}",
        report.text()
    );

    // Passwords that no longer open the door are replaced by others, for the same uuids.
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, text.replace(r#""password":""#, r#""password":"not "#))?;
    let report = simulate(&site, fleet).await;
    let renewed = registration(&report);
    assert_eq!(
        (renewed.remembered, renewed.registered, report.records.confirmed),
        (50, 50, 50),
        "{}",
        report.text()
    );
    assert!(renewed.shut_out >= 50, "{renewed:?}");
    assert_eq!(site.number(known).await?, 50);
    let adopted = "SELECT toUInt64(uniqExact(device_id)) FROM asset FINAL WHERE flag_del = 0";
    assert_eq!(site.number(adopted).await?, 50);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn piles_register_and_live_over_tls_and_mqtt_5() -> anyhow::Result<()> {
    let site = Site::start("DC120:").await?;
    let secure = format!(
        "--mqtt5 --piles 5 --charges 1 --stop-when-confirmed --ca {} --brokers localhost:{}",
        site.tls.ca_file.display(),
        site.tls.port
    );
    // The last --brokers counts.
    let mut options = options(&site, "");
    let parsed = Options::try_parse_from(
        ["tcu_sim"]
            .into_iter()
            .chain(QUICK.split_whitespace())
            .chain(secure.split_whitespace()),
    )?;
    options = Options {
        credentials: options.credentials,
        ..parsed
    };
    let report = simulator::run(options, Shutdown::new()).await?;
    assert_eq!(
        (registration(&report).registered, report.records.confirmed),
        (5, 5),
        "{}",
        report.text()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_held_asks_again_until_staff_have_decided() -> anyhow::Result<()> {
    let site = Site::start("ANOTHER:MODEL").await?;
    let shutdown = Shutdown::new();
    let run = tokio::spawn(simulator::run(options(&site, "--piles 3"), shutdown.clone()));
    let held = "SELECT count() FROM registration FINAL WHERE state = '待审核'";
    wait_until(LATER, async || site.number(held).await.is_ok_and(|n| n == 3)).await?;
    // Staff extend the allow-list; who asks again is let in.
    let allow = "INSERT INTO registration_allow_list (timestamp, flag_del, model, contract_num) \
                 VALUES (toUnixTimestamp64Milli(now64(3)), 0, 'DC120', '')";
    site.stack.clickhouse().query_raw(allow).execute().await?;
    let logins = "SELECT toUInt64(uniqExact(sn)) FROM login_record";
    wait_until(LATER, async || site.number(logins).await.is_ok_and(|n| n == 3)).await?;
    shutdown.trigger();
    let report = run.await??;
    let done = registration(&report);
    assert_eq!(
        (done.registered, done.running_after.count),
        (3, 3),
        "{}",
        report.text()
    );
    assert!(done.held >= 3, "{done:?}");
    Ok(())
}
