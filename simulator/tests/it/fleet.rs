//! Fleets: every record comes home, whatever is lost on the way, and what is lost is named.

use std::time::Duration;

use common::shutdown::Shutdown;
use protocol::Uuid;
use rumqttc::QoS;

use crate::broker::Broker;
use crate::platform::{Platform, Rule};
use crate::{options, simulate};

/// Charges end after seconds.
const QUICK: &str = "--speed 3000 --charge-rate 60 --boot-failure-rate 0.1 --interval 200ms --resend 300ms \
    --gb18030 0.3 --garbled-vin 0.3 --repeated-keys 0.3 --cmd-resp 0.3";

#[tokio::test(flavor = "multi_thread")]
async fn every_pile_gets_its_charges_confirmed() {
    let broker = Broker::start();
    let platform = Platform::start(&broker, Rule::From(1)).await;
    let report = simulate(
        &broker,
        &format!("{QUICK} --piles 10 --charges 3 --stop-when-confirmed"),
    )
    .await;
    assert_eq!(
        (report.records.made, report.records.confirmed, report.exit_code()),
        (30, 30, 0)
    );
    assert_eq!(
        (report.connected, report.acked, report.unacked),
        (10, report.sent_total.messages, 0)
    );
    assert_eq!(platform.heard.lock().unwrap().records.len(), 30);
    assert_eq!(platform.count("登录"), 10);
    assert!(report.confirmation.count == 30 && report.confirmation.p50_ms > 0.0);
    platform
        .wait_for("all piles offline", |heard| {
            heard.status.len() == 10 && heard.status.values().all(|status| status.contains("离线"))
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_confirmations_are_made_up_for_by_sending_again_with_mqtt_5() {
    let broker = Broker::start();
    let platform = Platform::start(&broker, Rule::From(3)).await;
    let report = simulate(
        &broker,
        &format!("{QUICK} --mqtt5 --piles 5 --charges 2 --stop-when-confirmed"),
    )
    .await;
    assert_eq!((report.records.confirmed, report.records.unconfirmed), (10, 0));
    assert!(report.records.resent >= 20, "{:?}", report.records);
    assert!(
        platform
            .heard
            .lock()
            .unwrap()
            .records
            .values()
            .all(|&sends| sends >= 3)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unconfirmed_records_are_named_and_end_with_3() {
    let broker = Broker::start();
    let platform = Platform::start(&broker, Rule::Never).await;
    let report = simulate(
        &broker,
        &format!("{QUICK} --piles 3 --charges 1 --duration 4s --linger 100ms"),
    )
    .await;
    assert_eq!(report.exit_code(), 3);
    assert!(report.records.made > 0 && report.records.made == report.records.unconfirmed);
    for lost in report.lost.iter().filter(|lost| lost.first_sent_ms.is_some()) {
        assert!(
            platform
                .heard
                .lock()
                .unwrap()
                .records
                .contains_key(&(lost.uuid, lost.number.clone()))
        );
        assert!(lost.confirmed_ms.is_none());
    }
    let folder = tempfile::tempdir().unwrap();
    report.write_records(&folder.path().join("records")).unwrap();
    let lines = std::fs::read_to_string(folder.path().join("records")).unwrap();
    assert_eq!(lines.lines().count() as u64, report.records.made);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_broker_is_come_back_to() {
    let mut broker = Broker::start();
    let platform = Platform::start(&broker, Rule::From(1)).await;
    let run_options = options(
        &broker,
        &format!("{QUICK} --piles 5 --charges 12 --stop-when-confirmed"),
    );
    let run = tokio::spawn(simulator::run(run_options, Shutdown::new()));
    platform
        .wait_for("the first records", |heard| heard.records.len() > 5)
        .await;
    broker.restart();
    let report = run.await.unwrap().unwrap();
    assert_eq!((report.records.confirmed, report.records.unconfirmed), (60, 0));
    assert!(report.reconnects >= 5 && !report.errors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn piles_answer_commands_restart_and_take_another_uuid() {
    let broker = Broker::start();
    let platform = Platform::start(&broker, Rule::From(1)).await;
    let shutdown = Shutdown::new();
    let run_options = options(&broker, "--speed 60 --piles 1 --charge-rate 0 --interval 200ms");
    let run = tokio::spawn(simulator::run(run_options, shutdown.clone()));
    platform
        .wait_for("a login", |heard| heard.commands.contains_key("登录"))
        .await;
    // Two TCUs under one uuid hear the same: this one is meant for another.
    let foreign = r#"{"命令":"更新ID","reqid":6,"uuid":"AAAAAMWX","出厂编号":"ANOTHER"}"#;
    platform
        .client
        .publish("/xjdy/ops/v1/TCU/AAAAAAAA/cmd", QoS::AtLeastOnce, false, foreign)
        .await
        .unwrap();
    let command = r#"{"命令":"更新ID","reqid":7,"uuid":"AAAAAMWY","出厂编号":"XJ000000000000"}"#;
    platform
        .client
        .publish("/xjdy/ops/v1/TCU/AAAAAAAA/cmd", QoS::AtLeastOnce, false, command)
        .await
        .unwrap();
    let renamed = Uuid::parse("AAAAAMWY").unwrap();
    platform
        .wait_for("the new uuid", |heard| heard.status.contains_key(&renamed))
        .await;
    platform
        .wait_for("the answer", |heard| heard.commands.contains_key("更新ID应答"))
        .await;
    let command = r#"{"命令":"重启","reqid":8}"#;
    platform
        .client
        .publish("/xjdy/ops/v1/TCU/AAAAAMWY/cmd", QoS::AtLeastOnce, false, command)
        .await
        .unwrap();
    platform
        .wait_for("three logins", |heard| heard.commands["登录"] == 3)
        .await;
    shutdown.trigger();
    let report = run.await.unwrap().unwrap();
    assert_eq!((report.answers, report.reconnects, report.exit_code()), (2, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_is_no_failure_and_does_not_hold_up_the_end() {
    let broker = Broker::start();
    let run = simulate(&broker, "--brokers 127.0.0.1:1 --piles 2 --duration 300ms");
    let report = tokio::time::timeout(Duration::from_secs(10), run).await.unwrap();
    assert_eq!((report.connected, report.exit_code()), (1, 0));
    assert!(!report.errors.is_empty());
}
